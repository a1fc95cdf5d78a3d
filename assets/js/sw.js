// The service worker: opens the house without a connection, sends what waits, shows notifications.
// Only what the house marks with X-Offline is kept, for the one person whom X-Person names.
/* global SHELL, VERSION, ICON, BADGE */
import { drop, entries, flush, forgetAll, recall, remember } from './store.js';
import { shown, subscribe, tell, untell } from './push.js';

const shell = 'shell-' + VERSION, pages = 'pages';
const without = '/offline', left = '/offline/abgemeldet'; // they say nothing about anybody
const age = { keep: 30 * 864e5, today: 864e5 }, // of a page, by what X-Offline says
	 most = 60, patience = 2500, restAhead = 6e5;

let era = 0;       // counts whose pages these are: an answer of an era before is not kept
let changed;       // promise: something was sent since the start page was kept
let leaving;       // promise: signed out without a connection, and the house does not know it yet

self.addEventListener('install', e => e.waitUntil((async () => {
	const to = await caches.open(shell);
	// hashed names never change: an older shell may hold them
	await Promise.all(SHELL.map(async path => {
		const old = await caches.match(path);
		return old ? to.put(path, old) : to.add(path);
	}));
	await words();
	await self.skipWaiting(); // pages are made by the house: there is no old script that a new worker could disturb
})()));

self.addEventListener('activate', e => e.waitUntil((async () => {
	for (const name of await caches.keys()) if (name !== shell && name !== pages) await caches.delete(name);
	await self.clients.claim();
})()));

// words keeps the pages for when there is nothing else to show, in the reader's language.
async function words() {
	const to = await caches.open(shell);
	await to.addAll([without, left].map(path => new Request(path, { cache: 'reload' })));
}

self.addEventListener('fetch', e => {
	const r = e.request, url = new URL(r.url);
	if (url.origin !== location.origin) return;
	const script = r.mode !== 'navigate' && r.headers.has(r.method === 'POST' ? 'X-Fragment' : 'X-Live');
	if (r.method === 'POST') {
		if (url.pathname === '/konto/abmelden') return e.respondWith(leave());
		if (!url.pathname.endsWith('/gesehen') && !url.pathname.startsWith('/geraet/')) e.waitUntil(change(true));
		if (script) e.respondWith(through(r));
	} else if (r.method === 'GET') {
		if (url.pathname.startsWith('/a/')) e.respondWith(caches.match(r, { ignoreVary: true }).then(kept => kept ?? fetch(r)));
		else if (r.mode === 'navigate') e.respondWith(page(e, url));
		else if (script) e.respondWith(through(r));
	}
});

// through passes on what a script of the page asks for, and keeps the page that comes.
async function through(r) {
	const now = era, answer = await fetch(r);
	const url = new URL(answer.url || r.url);
	if (entrance(url.pathname)) await caches.delete(pages);
	else if (answer.ok) await keep(url, answer.clone(), now).catch(() => {}); // full, or forbidden
	else if (answer.status < 500 && answer.status !== 429) await (await caches.open(pages)).delete(url.pathname);
	return answer;
}

// change notes whether the start page that we keep is behind what its reader has done.
function change(yes) {
	changed = Promise.resolve(yes);
	return remember('changed', yes);
}

// entrance: whoever comes in this way may be another person than before.
const entrance = path => /^\/(anmelden|l|i|abgemeldet)(\/|$)/.test(path);

const sleep = ms => new Promise(ok => setTimeout(ok, ms));

// page answers a navigation. The start page is shown as it was kept and looks for itself at once; all others wait for
// the network, but not for ever.
async function page(e, url) {
	if (await (leaving ??= recall('leaving')) && !await goodbye()) return caches.match(left);
	const own = await kept(url).catch(() => undefined);
	const start = url.pathname === '/' && (!url.search || url.search === '?quelle=app');
	if (own && start && !await (changed ??= recall('changed')) && e.request.cache === 'default') return show(own, 'stale');
	const now = era;
	const net = fetch(e.request).then(async answer => {
		if (entrance(url.pathname)) await caches.delete(pages);
		else e.waitUntil(keep(url, answer.clone(), now));
		e.waitUntil(send().catch(() => {}));
		return answer;
	});
	if (!own) return net.catch(async () => await caches.match(without) ?? Response.error());
	e.waitUntil(net.catch(() => {}));
	const late = sleep(patience).then(() => 'late');
	const first = await Promise.race([net.catch(() => 'offline'), late]);
	return first instanceof Response ? first : show(own, first === 'late' ? 'stale' : first);
}

// kept finds a page that is not too old. Without a connection the start page stands for its parts as well.
async function kept(url) {
	if (url.search && url.pathname !== '/') return;
	const all = await caches.open(pages), own = await all.match(url.pathname, { ignoreVary: true });
	if (!own || Date.parse(own.headers.get('Date')) > Date.now() - age[own.headers.get('X-Offline')]) return own;
	await all.delete(url.pathname);
}

// show has the page tell that it comes from here, and how old it is.
async function show(own, how) {
	const headers = new Headers(own.headers);
	headers.delete('Content-Encoding');
	return new Response((await own.text()).replace('<body ', `<body data-stored="${how}" `), { headers });
}

async function keep(url, answer, of) {
	const person = answer.headers.get('X-Person');
	if (!answer.ok || !age[answer.headers.get('X-Offline')] || url.search && url.search !== '?quelle=app' || of !== era) return;
	await owned(person);
	const all = await caches.open(pages);
	await all.delete(url.pathname); // so that the newest stand last
	await all.put(url.pathname, answer);
	for (const old of (await all.keys()).slice(0, -most)) await all.delete(old);
	if (url.pathname === '/') await change(false);
}

// owned sees to it that what is kept here is a person's own.
async function owned(person) {
	const was = await recall('user');
	if (was === person) return;
	if (was) await wipe();
	await remember('user', person);
}

// wipe leaves nothing of anybody.
async function wipe() {
	era++;
	await Promise.all([caches.delete(pages), forgetAll()]);
	for (const n of await self.registration.getNotifications?.() ?? []) n.close();
	await self.navigator.clearAppBadge?.().catch(() => {});
	self.registration.pushManager?.getSubscription().then(s => s?.unsubscribe()).catch(() => {});
}

const signOut = () => fetch('/konto/abmelden', { method: 'POST', redirect: 'manual', signal: AbortSignal.timeout?.(8e3) });

// leave signs out: here first, whatever the line does. What the house could not be told is made up for later, before
// any other page is shown.
async function leave() {
	await wipe().catch(() => {});
	try {
		return await signOut();
	} catch {
		leaving = Promise.resolve(true);
		await remember('leaving', true).catch(() => {});
		self.registration.sync?.register('outbox').catch(() => {});
		for (const c of await self.clients.matchAll()) c.postMessage('left');
		return Response.redirect(left, 303);
	}
}

// goodbye tells the house, and reports whether it has heard.
async function goodbye() {
	const answer = await signOut().catch(() => {});
	if (!answer || answer.status >= 500) return false;
	leaving = Promise.resolve(false);
	await remember('leaving', false).catch(() => {}); // the house may have had all of it cleared
	return true;
}

// send sends what waits for the person whose device this is, and tells the open pages.
async function send() {
	const person = await recall('user');
	if (!person || !(await entries()).length || !await flush(person)) return;
	for (const c of await self.clients.matchAll()) c.postMessage('sent');
}

// ahead fetches what the house names: one's announcements of the last 30 days. "/mitteilung/17#3" is fetched again when
// what stands behind "#" is another. Once it has come to its end it rests for a while; one that broke off is begun again.
let fetching;
const ahead = () => fetching ??= fetchAhead().finally(() => { fetching = undefined; });

async function fetchAhead() {
	if (Date.now() - (await recall('ahead') ?? 0) < restAhead) return;
	const now = era, answer = await fetch('/geraet/vorrat');
	if (!answer.ok) return;
	const list = await answer.json(), all = await caches.open(pages), old = await recall('list') ?? [];
	for (const entry of list) {
		const path = entry.split('#')[0];
		if (now !== era) return;
		if (old.includes(entry) && await all.match(path, { ignoreVary: true })) continue;
		await keep(new URL(path, location), await fetch(path, { headers: { 'X-Live': '1' } }), now);
	}
	if (now !== era) return;
	const paths = list.map(entry => entry.split('#')[0]);
	for (const r of await all.keys()) if (!paths.includes(new URL(r.url).pathname)) await all.delete(r); // no longer ours to see, or too old
	await remember('list', list);
	await remember('ahead', Date.now());
}

self.addEventListener('message', e => e.waitUntil((async () => {
	const { user, lang } = e.data; // of a page on which somebody is signed in
	await owned(user);
	if (await recall('lang') !== lang) {
		await words();
		await remember('lang', lang);
	}
	await ahead();
})().catch(() => {}))); // without a connection the next page tries again

self.addEventListener('sync', e => {
	if (e.tag === 'outbox') e.waitUntil((async () => {
		if (await recall('leaving')) {
			if (!await goodbye()) throw Error('later');
		} else await send();
	})());
});

// Declarative Web Push (https://www.w3.org/TR/push-api/): the same JSON for browsers that show it without asking us.
// A push that shows nothing costs the permission, so one that cannot be read shows at least that there is something.
self.addEventListener('push', e => e.waitUntil((async () => {
	let message = {};
	try { message = e.data.json(); } catch { /* shown below */ }
	const n = message.notification ?? {}, url = own(n.navigate);
	await self.registration.showNotification(n.title || 'Nestfunk', {
		body: n.body, tag: n.tag, renotify: !!n.tag && !n.silent, silent: !!n.silent, lang: n.lang, dir: n.dir, icon: ICON, badge: BADGE, data: url,
	});
	if (message.app_badge !== undefined) await self.navigator.setAppBadge?.(+message.app_badge).catch(() => {});
	const ref = n.data?.ref ?? new URL(url).searchParams.get('ref');
	if (ref) await shown(ref).catch(() => {}); // without a connection it counts as handed over only
})()));

// own is an address of this house, the start page for any other.
function own(address) {
	const url = new URL(address || '/', location.origin);
	return url.origin === location.origin ? url.href : location.origin + '/';
}

self.addEventListener('notificationclick', e => {
	e.notification.close();
	e.waitUntil((async () => {
		const url = own(e.notification.data), open = await self.clients.matchAll({ type: 'window' });
		const there = open.find(c => c.url === url);
		if (there) return there.focus();
		for (const c of open) {
			try { return await (await c.navigate(url)).focus(); } catch { /* not ours, or on its way elsewhere */ }
		}
		return self.clients.openWindow(url);
	})());
});

self.addEventListener('pushsubscriptionchange', e => e.waitUntil((async () => {
	if (e.newSubscription) await tell(e.newSubscription);
	else await subscribe(self.registration);
	if (e.oldSubscription) await untell(e.oldSubscription.endpoint);
})()));
