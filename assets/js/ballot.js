// section[data-ballot="7"]: a secret vote. The ballot is made here, blinded, signed by the house, and cast without the session.
// How that works is told in app/feature/ballot. Nothing here may have this browser ask for a page right after the vote: the log would say who.
import { blind, finalize, number, prepare } from './blind.js';

let $, $$, bare, user; // of dom.js

const decode = s => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
const encode = b => btoa(String.fromCharCode(...b)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

// A ballot waits on this device until it is cast. On one that others use, too, only as long as the page is open.
const name = id => `ballot:${user()}:${id}`;
function kept(id) {
	try { return JSON.parse(localStorage.getItem(name(id)) ?? '{}'); } catch { return {}; }
}
function keep(id, { token, blinded, inv, encoded, signature, cast }) {
	if (bare) return;
	try { localStorage.setItem(name(id), JSON.stringify({ token, blinded, inv, encoded, signature, cast })); } catch { /* forbidden: it stays in memory */ }
}

// What is known of each vote: { token, blinded, inv, encoded, signature } of its ballot, { cast } once it is in the urn, and what the
// page shows just now: step, choice, code, words.
const votes = new Map();

// post sends a form, and again when the house asks for that: at the end of a debate everybody votes within a moment.
async function post(at, what, fields, options, again = 4) {
	const answer = await fetch(`/abstimmung/${at.dataset.ballot}/${what}`, { method: 'POST', body: new URLSearchParams(fields), ...options }).catch(() => { throw { words: at.dataset.lost }; });
	const seconds = answer.headers.get('Retry-After');
	if (answer.status === 503 && seconds < 10 && again) { // a house that is shut says minutes
		await new Promise(ok => setTimeout(ok, seconds * 1000));
		return post(at, what, fields, options, again - 1);
	}
	const o = await answer.json().catch(() => ({}));
	if (!answer.ok) throw { words: o.words ?? at.dataset.lost };
	return o;
}

function draw(at, vote) {
	const step = vote.step ?? (vote.cast ? 'done' : vote.signature ? 'choose' : at.dataset.took && !vote.blinded ? 'gone' : 'get');
	for (const part of $$('[data-step]', at)) part.hidden = part.dataset.step !== step;
	$('[data-ballot-choice]', at).textContent = vote.choice ? $(`[data-do="${vote.choice}"]`, at).textContent : '';
	$('[data-ballot-receipt]', at).hidden = !vote.code;
	$('[data-ballot-code]', at).textContent = vote.code ?? '';
	const error = $('[data-ballot-error]', at);
	error.hidden = !vote.words;
	error.textContent = vote.words ?? '';
}

// get fetches the ballot. It is kept before it is sent: the same once more is signed again, another one never.
async function get(at, vote) {
	const id = at.dataset.ballot, n = number(decode(at.dataset.key));
	if (!vote.blinded) {
		const token = prepare(crypto.getRandomValues(new Uint8Array(32)));
		const { blinded, inv, encoded } = await blind(n, token);
		Object.assign(vote, { token: encode(token), blinded: encode(blinded), inv: String(inv), encoded: String(encoded) });
		keep(id, vote);
	}
	const { signature } = await post(at, 'stimmzettel', { blinded: vote.blinded });
	try {
		vote.signature = encode(finalize(n, { inv: BigInt(vote.inv), encoded: BigInt(vote.encoded) }, decode(signature)));
	} catch { throw { words: at.dataset.odd }; }
	keep(id, vote);
}

// cast waits for a moment first: whoever reads times should not find the one who has just pressed a button.
async function cast(at, vote) {
	await new Promise(ok => setTimeout(ok, 500 + crypto.getRandomValues(new Uint16Array(1))[0] / 65536 * 2500));
	const { token, signature, choice } = vote;
	const { code } = await post(at, 'urne', { token, signature, choice }, { credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store', keepalive: true });
	votes.set(at.dataset.ballot, Object.assign(vote, { cast: true, code, step: undefined }));
	for (const k of ['token', 'blinded', 'inv', 'encoded', 'signature', 'choice']) delete vote[k];
	keep(at.dataset.ballot, { cast: true }); // neither the code nor the choice
}

async function act(at, what) {
	const vote = votes.get(at.dataset.ballot);
	if (vote.busy) return;
	vote.busy = true;
	vote.words = undefined;
	try {
		if (what === 'get') await get(at, vote);
		else if (what === 'back') vote.step = 'choose';
		else if (what === 'cast') {
			vote.step = 'wait';
			draw(at, vote);
			await cast(at, vote);
		} else Object.assign(vote, { choice: what, step: 'sure' });
	} catch (e) {
		vote.words = e.words ?? at.dataset.odd;
		vote.step = vote.step === 'wait' ? 'sure' : undefined;
	}
	vote.busy = false;
	for (const now of $$('[data-ballot]')) if (now.dataset.ballot === at.dataset.ballot) draw(now, vote); // the page may have changed meanwhile
}

let begun;
export function begin(dom) {
	if (begun || !globalThis.crypto?.subtle) return;
	begun = true;
	({ $, $$, bare, user } = dom);
	dom.onNew(root => $$('[data-ballot]', root).forEach(at => {
		const id = at.dataset.ballot;
		if (!votes.has(id)) votes.set(id, kept(id));
		draw(at, votes.get(id));
	}));
	addEventListener('click', e => {
		const button = e.target.closest('[data-ballot] [data-do]');
		if (button) act(button.closest('[data-ballot]'), button.dataset.do);
	});
}
