// Does the browser's part of RFC 9474 for a Go test: reads one task a line as JSON and answers one line each.
//   {"n","input_msg","salt","inv","blind_sig"}, in hex: the vector's blinded message and signature
//   {"n"}: a ballot of chance to be signed; then {"signed"} gives its token and signature
import { createInterface } from 'node:readline';
import { blind, finalize, number, prepare } from '../../../../assets/js/blind.js';

const hex = b => Buffer.from(b).toString('hex'), from = s => Uint8Array.from(Buffer.from(s, 'hex'));
let open;
for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line);
  let answer;
  try {
    if (task.signed) answer = { token: hex(open.token), signature: hex(finalize(open.n, open.state, from(task.signed))) };
    else {
      const n = number(from(task.n)), token = task.input_msg ? from(task.input_msg) : prepare(from('aa'.repeat(32)));
      const state = await blind(n, token, task.salt && from(task.salt), task.inv && number(from(task.inv)));
      open = { n, token, state };
      answer = { blinded: hex(state.blinded) };
      if (task.blind_sig) answer.signature = hex(finalize(n, state, from(task.blind_sig)));
    }
  } catch (e) { answer = { error: e.message }; }
  console.log(JSON.stringify(answer));
}
