// What a page does for the device: the worker, what waits to be sent, the badge, and a hint at the right moment.
// Comes when the page is done; dom is dom.js.
import { alone, drop, entries, flush, put } from './store.js';
import { subscribe, tell, untell } from './push.js';

let dom, offer, started;

// begin is called by whoever needs this first, and gives what others may use.
export function begin(d, o) {
	if (!started) {
		[dom, offer, started] = [d, o, true];
		if (dom.bare) shared().catch(() => {});
		else start().catch(() => {});
	}
	return api;
}

const api = { entries, wait, standalone, subscribe, untell, get offer() { return offer; } };

export function standalone() { return matchMedia('(display-mode: standalone)').matches || navigator.standalone === true; }

// On a device that others use, too, nothing may be kept.
async function shared() {
	setup();
	for (const r of await navigator.serviceWorker?.getRegistrations() ?? []) await r.unregister();
	for (const name of await caches.keys()) await caches.delete(name);
	indexedDB.deleteDatabase('nestfunk');
}

const setup = () => { if (dom.$('[data-device]')) import('./setup.js').then(m => m.begin(dom, api)); };

async function start() {
	let confirmed;
	dom.onNew(() => {
		badge();
		list().catch(() => {});
		const n = dom.$$('.receipt').length;
		if (n > confirmed) hint().catch(() => {});
		confirmed = n;
		place();
	});
	setup();
	for (const type of ['online', 'back']) addEventListener(type, send); // browsers may be wrong about the first
	send();
	const workers = navigator.serviceWorker;
	if (!workers) return;
	workers.addEventListener('message', e => e.data === 'left' ? location.replace('/offline/abgemeldet') : sent());
	await workers.register(dom.worker());
	const registration = await workers.ready;
	registration.active.postMessage({ user: dom.user(), lang: document.documentElement.lang });
	await resync(registration);
}

// Once a visit the house hears where notifications for this device go: either side may have forgotten.
async function resync(registration) {
	if (globalThis.Notification?.permission !== 'granted' || sessionStorage.push) return;
	const subscription = await registration.pushManager.getSubscription();
	if (subscription) await tell(subscription);
	else if (localStorage.push) await subscribe(registration); // it was on, and the browser lost it
	sessionStorage.push = 1;
}

// badge shows on the app's icon how many announcements wait for a confirmation.
function badge() {
	const n = +(dom.byId('ask')?.dataset.ask ?? 0);
	(n ? navigator.setAppBadge?.(n) : navigator.clearAppBadge?.())?.catch(() => {});
}

// The outbox.

const uid = body => new URLSearchParams(body).get('uid');

// wait keeps a form on the device until there is a connection, and resolves to true once it is safe there.
async function wait(form, data) {
	const body = data.toString(), url = new URL(form.action).pathname;
	await put({
		key: uid(body) ?? url, user: dom.user(), url, body, at: Date.now(),
		title: data.get('title') ?? form.dataset.title ?? form.closest('article')?.querySelector('h2')?.textContent.trim(),
		draft: form.dataset.draft, page: location.pathname + location.search,
	});
	if (form.dataset.draft) localStorage.removeItem(`draft:${dom.user()}:${form.dataset.draft}`); // it waits here now
	navigator.serviceWorker?.ready.then(r => r.sync?.register('outbox')).catch(() => {}); // where there is none: at the next start
	await list();
	dom.say(dom.phrases.waits);
	return true;
}

async function send() {
	if (await flush(dom.user()).catch(() => 0)) await sent();
}

// sent: something that waited is settled. A form that was hidden meanwhile says where one goes from there.
async function sent() {
	await list();
	const form = dom.$('form[data-outbox][hidden]');
	if (form && !dom.byId('outbox')) location.assign(form.dataset.outbox);
	else dispatchEvent(new Event('refresh'));
}

const element = (name, props, ...children) => {
	const x = Object.assign(document.createElement(name), props);
	x.append(...children);
	return x;
};

// list shows what waits: a confirmation where its button was, all else above the page. What the house refused is shown
// with its reason until somebody has read it.
async function list() {
	const mine = (await entries()).filter(entry => entry.user === dom.user());
	dom.byId('outbox')?.remove();
	const notes = mine.filter(entry => {
		if (entry.answer) return true;
		if (entry.url.startsWith('/tagesliste/') && dom.$('[data-roll]')) return false; // roll.js shows it where it was tapped
		const form = dom.$$('form[data-outbox]').find(f => new URL(f.action).pathname === entry.url && (f.elements.uid?.value ?? null) === uid(entry.body));
		if (form?.dataset.draft) form.hidden = true;
		else form?.replaceWith(element('p', { className: 'deadline waits' }, dom.phrases.waits));
		return !form || entry.draft;
	});
	dispatchEvent(new Event('waiting'));
	if (notes.length) dom.$('main').prepend(element('section', { id: 'outbox', className: 'stack' }, ...notes.map(note)));
}

function note(entry) {
	const p = element('p', {}, element('b', { lang: 'de', dir: 'auto' }, entry.title ?? ''));
	const buttons = element('span', { className: 'actions' });
	const button = (words, act) => buttons.append(element('button', { type: 'button', className: 'btn small secondary', onclick: act }, words));
	if (entry.draft) button(dom.phrases.edit, () => edit(entry));
	if (entry.answer) {
		const why = dom.$$('.error-summary li, .empty p:not(.actions)', dom.parse(entry.answer)).map(x => x.textContent.trim()).join(' ');
		p.append(element('br'), dom.phrases.refused, ' ', why);
		if (!entry.draft) button(dom.phrases.seen, async () => {
			await drop(entry.key);
			await list();
		});
	} else p.append(element('br'), dom.phrases.waits);
	return element('div', { className: entry.answer ? 'note refused' : 'note' }, p, buttons);
}

// edit takes an announcement back from the outbox: as a draft, in the form that it was written in, which may still be here.
// Not while it is being sent: perhaps it has arrived by then.
const edit = entry => alone(async () => {
	if (!(await entries()).some(x => x.key === entry.key)) return sent();
	const values = {};
	for (const [name, value] of new URLSearchParams(entry.body)) (values[name] ??= []).push(value);
	localStorage.setItem(`draft:${dom.user()}:${entry.draft}`, JSON.stringify({ at: Date.now(), query: new URL(entry.page, location).search, values }));
	await drop(entry.key);
	const form = dom.$('form[data-outbox][hidden]');
	if (form?.elements.uid?.value !== uid(entry.body)) return location.assign(entry.page);
	form.hidden = false;
	await list();
});

// hint offers the home screen right after a confirmation, and not before: now somebody knows what it is good for. The house
// knows who does not want to hear of it.
async function hint() {
	if (location.pathname !== '/' || standalone() || sessionStorage.hint) return;
	sessionStorage.hint = 1;
	const answer = await fetch('/geraet/hinweis');
	if (answer.status !== 200) return;
	card = dom.byId('hint', await dom.page(answer));
	place();
}

let card; // the hint, once there is one

// place puts the hint below what was confirmed, again when that part of the page has changed.
function place() {
	if (card && !document.contains(card)) dom.$('article .receipt')?.closest('article').after(card);
}
