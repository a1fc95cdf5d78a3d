// Forms: those that change a part of the page or keep a draft are sent by the script, all others by the browser, but only once.
import { $, $$, bare, byId, focus, isNew, page, phrases, refocus, say, swap, words } from './dom.js';
import { forget } from './draft.js';
import { device } from './lazy.js';

// work lets live.js see that an older page must not overwrite a newer answer.
export const work = { open: 0, done: 0 };

const sending = new Map(); // form: the button that was pressed
const complaints = new WeakMap(); // form: what is wrong with the connection

function lock(form, button) {
	sending.set(form, button);
	button?.setAttribute('aria-disabled', 'true');
	complaints.get(form)?.remove();
}

function unlock(form) {
	const button = sending.get(form);
	sending.delete(form);
	button?.removeAttribute('aria-disabled');
}

function complain(form, button, why = phrases.lost) {
	const p = words('error', 'alert', why);
	complaints.get(form)?.remove();
	complaints.set(form, p);
	if (!form.isConnected) $('main').prepend(p); // replaced meanwhile, by the answer to another form
	else if (button) (button.closest('.actions') ?? button).after(p);
	else form.append(p);
}

function body(form, button) {
	const all = new FormData(form, button), files = [...all].filter(([, x]) => x instanceof File);
	for (const [name] of files) all.delete(name);
	const data = files.some(([, x]) => x.size) ? all : new URLSearchParams(all);
	if (data === all) for (const [name, x] of files) if (x.size) data.append(name, x);
	// browsers of 2022 leave the pressed button out
	if (button?.name && !data.getAll(button.name).includes(button.value)) data.append(button.name, button.value);
	return data;
}

// The house reads no more of what was typed than this, and its answer to more could not show it again. So it stays here.
const most = form => form.enctype === 'multipart/form-data' ? 1 << 20 : 1 << 18;
const typed = data => String(new URLSearchParams([...data].filter(([, x]) => !(x instanceof File)))).length;

// A page that is only passed by must leave the flash to the page that is gone to: X-Live says so.
async function send(form, button) {
	const id = form.dataset.fragment?.slice(1), data = body(form, button);
	if (typed(data) > most(form)) return complain(form, button, phrases.large);
	lock(form, button);
	work.open++;
	try {
		const answer = await fetch(form.action, {
			method: 'POST', body: data, signal: AbortSignal.timeout?.(data instanceof FormData ? 3e5 : 3e4),
			headers: id ? { 'X-Fragment': '#' + id } : { 'X-Live': '1' },
		});
		if (!id && answer.redirected) {
			forget(form.dataset.draft);
			location.assign(answer.url);
			return;
		}
		const doc = await page(answer);
		if (!$('main', doc)) throw Error(answer.status); // a proxy without its server
		unlock(form);
		if (!id || !answer.ok) {
			$$('form', doc).forEach(f => { if (f.dataset.draft === form.dataset.draft) f.dataset.sent = ''; });
			swap(doc);
			return;
		}
		const part = byId(id, doc);
		if (!part) location.assign(answer.url);
		else if (byId(id)) await put(part, doc, button ?? form); // else an error stands there by now, and stays
	} catch {
		unlock(form);
		// form[data-outbox]: what is typed there may wait on the device; the house takes it once, however often it comes.
		if (bare || data instanceof FormData || !('outbox' in form.dataset) || !await device().then(d => d.wait(form, data)).catch(() => 0)) complain(form, button);
	} finally {
		work.open--;
		work.done++;
	}
}

// put replaces our part by the answer's.
async function put(part, doc, pressed) {
	const was = byId(part.id), flash = byId('flash', doc);
	const change = () => {
		was.replaceWith(part);
		byId('flash')?.remove();
		if (flash) $('main').prepend(flash);
		isNew(part);
	};
	// A transition swallows clicks while it runs: fine for a card, not for a list that is worked through.
	if (document.startViewTransition && part.localName === 'article' && !matchMedia('(prefers-reduced-motion: reduce)').matches) {
		const transition = document.startViewTransition(change);
		transition.ready.catch(() => {}); // skipped, in a hidden tab
		await transition.updateCallbackDone;
	} else change();
	const { top, bottom } = part.getBoundingClientRect();
	const at = refocus(pressed, was, part) ?? (bottom < 0 || top > innerHeight ? part : undefined);
	at?.scrollIntoView({ block: 'nearest' });
	say(flash ? flash.textContent : phrases.saved);
}

const passed = new WeakSet(); // forms that the browser may send now

addEventListener('submit', async e => {
	const form = e.target, button = e.submitter;
	if (e.defaultPrevented || form.method !== 'post') return;
	if (sending.has(form)) return e.preventDefault();
	if (form.dataset.fragment || form.dataset.draft) {
		e.preventDefault();
		send(form, button);
		return;
	}
	// onLine may be wrong when it says no: ask before refusing, a page that fails to load loses what was typed
	if (!navigator.onLine && !('always' in form.dataset) && !passed.delete(form)) {
		e.preventDefault();
		lock(form, button);
		const there = await fetch(location.pathname, { method: 'HEAD', cache: 'no-store' }).catch(() => 0);
		unlock(form);
		if (!there) return complain(form, button);
		passed.add(form);
		form.requestSubmit(button);
		return;
	}
	lock(form, button);
	setTimeout(unlock, 5000, form);
});
addEventListener('pageshow', () => [...sending.keys()].forEach(unlock));

// The second half of a double click is no wish of its own, least of all when another button has moved there.
// Later it is one: whoever goes through screens quickly finds each button where the last one was.
let pressed = 0;
addEventListener('click', e => {
	const button = e.target.closest('button');
	if (button?.type !== 'submit' || button.form?.method !== 'post') return;
	if (e.detail > 1 && e.timeStamp - pressed < 400) e.preventDefault();
	pressed = e.timeStamp;
}, true);

// A list of what is wrong leads to the fields.
addEventListener('click', e => {
	const link = e.target.closest('.error-summary a[href^="#"]');
	if (!link) return;
	const name = link.hash.slice(1);
	const field = byId(name) ?? $(`[aria-describedby~="${CSS.escape(name)}-error"]`) ?? $(`[name="${CSS.escape(name)}"]`);
	if (!field) return;
	e.preventDefault();
	field.scrollIntoView({ block: 'center' });
	focus(field.matches('fieldset') ? $('input', field) : field);
});
$('.error-summary')?.focus();
