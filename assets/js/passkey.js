// button[data-passkey="register"|"login"]: fingerprint, face or PIN in place of a password.
let $, $$, words; // of dom.js

const bytes = s => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
const text = b => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

// Browsers before 2025 leave the packing to the page.
function options(o, register) {
	const native = PublicKeyCredential[register ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON'];
	if (native) return native.call(PublicKeyCredential, o);
	const ids = list => list?.map(c => ({ ...c, id: bytes(c.id) }));
	const out = { ...o, challenge: bytes(o.challenge) };
	if (o.user) out.user = { ...o.user, id: bytes(o.user.id) };
	if (o.allowCredentials) out.allowCredentials = ids(o.allowCredentials);
	if (o.excludeCredentials) out.excludeCredentials = ids(o.excludeCredentials);
	return out;
}

function packed(c) {
	try { return JSON.stringify(c.toJSON()); } catch { /* old browser, or a password manager in between */ }
	const response = {};
	for (const k of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'])
		if (c.response[k]) response[k] = text(c.response[k]);
	if (c.response.getTransports) response.transports = c.response.getTransports();
	return JSON.stringify({
		id: c.id, rawId: text(c.rawId), type: c.type, response,
		authenticatorAttachment: c.authenticatorAttachment ?? undefined, clientExtensionResults: c.getClientExtensionResults(),
	});
}

async function post(url, fields) {
	const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) }).catch(() => { throw { name: 'lost' }; });
	const o = await answer.json().catch(() => ({}));
	if (!answer.ok) throw { words: o.words, to: o.to, name: 'failed' };
	return o;
}

function complain(button, sentence) {
	const holder = button.closest('p') ?? button;
	let place = $('[data-passkey-error]', button.closest('section,form,main') ?? document);
	if (!place && !sentence) return;
	if (!place) {
		place = words('error', 'alert', '');
		place.dataset.passkeyError = '';
		holder.after(place);
	}
	place.hidden = !sentence;
	place.textContent = sentence;
}

async function use(button) {
	const register = button.dataset.passkey === 'register';
	button.setAttribute('aria-disabled', 'true');
	complain(button, '');
	try {
		const { publicKey } = await post(button.dataset.options);
		const ask = { publicKey: options(publicKey, register) };
		const credential = packed(await (register ? navigator.credentials.create(ask) : navigator.credentials.get(ask)));
		const next = button.dataset.next;
		const { to } = await post(button.dataset.finish, next ? { credential, weiter: next } : { credential });
		if (button.form) button.form.submit(); // which has waited for the proof
		else location.assign(to);
	} catch (e) {
		if (e.to) location.assign(e.to);
		else complain(button, e.words ?? button.dataset[{ lost: 'lost', failed: 'failed', NotAllowedError: 'stopped', InvalidStateError: 'exists' }[e.name] ?? 'cannot']);
	} finally {
		button.removeAttribute('aria-disabled');
	}
}

let begun;
export function begin(dom) {
	if (begun || !globalThis.PublicKeyCredential) return;
	begun = true;
	({ $, $$, words } = dom);
	dom.onNew(root => $$('[data-passkey]', root).forEach(b => {
		b.hidden = false;
		const holder = b.closest('[hidden]');
		if (holder) holder.hidden = false;
	}));
	addEventListener('click', e => {
		const button = e.target.closest('[data-passkey]');
		if (button && !button.hasAttribute('aria-disabled')) use(button);
	});
}
