// main[data-live="/strom?seit=MARK"]: the server says that something has changed since the page was made, the page looks
// for itself. The browser itself remembers where a stream broke (Last-Event-ID).
// And the other way round: what was on the screen for a second counts as seen.
// body[data-stored]: what is shown is not of this moment. "stale": the worker had it and we look at once; "offline": there
// is no connection.
import { $, $$, bare, byId, isNew, onNew, page, refocus, say, user } from './dom.js';
import { work } from './fragment.js';

let url = $('main')?.dataset.live;
let source, timer, looking, late, failed, tag = '', did = 0;
const state = document.body.dataset;

// typing reports whether someone is filling in a form there, or has begun to.
const typing = part => {
	const at = document.activeElement;
	return part.contains(at) && at.matches('input,textarea,select')
		|| $$('input,textarea', part).some(x => x.value !== x.defaultValue || x.checked !== x.defaultChecked)
		|| $$('select:not([multiple])', part).some(x => x.selectedIndex !== Math.max(0, [...x.options].findIndex(o => o.defaultSelected)));
};

function update(was, now) {
	const details = $$('details', was);
	$$('details', now).forEach((d, i) => {
		const o = d.id ? byId(d.id, was) : details[i];
		if (o) d.open = o.open;
	});
	if (was.outerHTML === now.outerHTML) return;
	if (typing(was)) {
		late = true;
		return;
	}
	const at = document.activeElement, words = now.dataset.liveSay;
	// what is being read stays where it is, and so does the button under a finger
	const top = x => x.getBoundingClientRect().top;
	const mark = scrollY > 99 && $$('[id]', was).find(x => x.getBoundingClientRect().bottom > 0 && byId(x.id, now));
	const before = mark && top(mark);
	was.replaceWith(now);
	isNew(now);
	if (mark) scrollBy({ top: top(byId(mark.id, now)) - before, behavior: 'instant' });
	if (was.contains(at)) refocus(at, was, now);
	if (words && words !== was.dataset.liveSay) say(words);
}

async function look() {
	timer = undefined;
	if (looking || work.open) return soon();
	const done = work.done;
	if (did !== work.done) tag = ''; // we have shown another answer since
	did = work.done;
	const held = late || !tag; // what was not shown is wanted again
	looking = true;
	late = false;
	try {
		const answer = await fetch(location.href, { headers: { 'X-Live': '1', ...!held && { 'If-None-Match': tag } }, cache: 'no-store' });
		if (answer.status === 304) { // all as we have it
			if (state.stored) dispatchEvent(new Event('back'));
			delete state.stored;
			return open();
		}
		const doc = await page(answer);
		if (work.open || work.done !== done) return soon(); // our own answer is newer
		if (answer.status >= 500 || answer.status === 429) {
			open();
			return later(look);
		}
		if (!answer.ok || doc.body.dataset.user !== document.body.dataset.user) return location.reload(); // no longer ours to see
		for (const was of $$('[data-live-part][id]')) {
			if (was.parentNode.closest('[data-live-part]') || !was.isConnected) continue; // comes along
			const now = byId(was.id, doc);
			if (now) update(was, now);
		}
		tag = answer.headers.get('ETag') ?? '';
		url = $('main', doc)?.dataset.live ?? url; // the next stream begins here
		if (state.stored) dispatchEvent(new Event('back')); // device.js sends what waits
		delete state.stored;
		open();
	} catch { // no connection
		state.stored = 'offline';
		open();
		later(look);
	} finally {
		looking = false;
	}
}

// Not all at once: a thousand pages hear of a change in the same moment. A conversation has few, who wait for each other.
function soon(ms = 50 + Math.random() * 250) {
	timer ??= setTimeout(look, ms);
}

// later does again what a server or a network could not do now; a hidden page does it when it is shown.
function later(f) {
	setTimeout(() => { if (!document.hidden) f(); }, 5000 + Math.random() * 1e4);
}

function open() {
	if (!url || source || document.hidden) return;
	source = new EventSource(url);
	const root = document.documentElement.dataset;
	source.addEventListener('change', () => soon($('[data-talk]') ? 1 : undefined));
	source.onopen = () => {
		root.liveOpen = '1';
		if (state.stored) soon(); // it says "back" once it has looked
		else if (failed) dispatchEvent(new Event('back'));
		failed = false;
	};
	source.onerror = () => {
		delete root.liveOpen;
		if (failed) state.stored = 'offline'; // once is a restart, or another cell
		failed = true;
		if (source?.readyState !== 2) return; // it tries again by itself
		source = undefined; // an answer that was no stream, from a proxy perhaps: it never would
		later(again);
	};
}

function close() {
	source?.close();
	source = undefined;
	delete document.documentElement.dataset.liveOpen;
}

function again() {
	if (source || document.hidden) return;
	open();
	soon();
}

if (url) {
	if (state.stored !== 'stale') open(); // else once we know that it is still ours to see
	addEventListener('visibilitychange', () => document.hidden ? close() : again());
	addEventListener('pagehide', close);
	addEventListener('pageshow', e => { if (e.persisted) again(); });
	addEventListener('focusout', () => { if (late) soon(); });
}
if (state.stored === 'stale') soon(1);
addEventListener('online', () => { if (state.stored) soon(); });
addEventListener('refresh', () => soon());

// article#m17 with a form to confirm it: POST /mitteilung/17/gesehen, once.
const sent = new Set(), waits = new Map();

function seen(card) {
	const n = card.id.slice(1), key = `seen:${user()}:${n}`;
	if (document.hidden) return addEventListener('visibilitychange', () => setTimeout(seen, 1000, card), { once: true });
	if (!card.isConnected || sent.has(n)) return;
	sent.add(n);
	try { if (!bare && sessionStorage[key]) return; } catch { /* forbidden */ }
	fetch(`/mitteilung/${n}/gesehen`, { method: 'POST', keepalive: true })
		.then(r => { if (r.ok && !bare) sessionStorage[key] = 1; }).catch(() => {});
}

if (user() && globalThis.IntersectionObserver) {
	const eyes = new IntersectionObserver(entries => {
		for (const { target, isIntersecting, intersectionRatio, intersectionRect } of entries) {
			clearTimeout(waits.get(target));
			waits.delete(target);
			// half of it, or as much as fits on a small screen
			if (isIntersecting && (intersectionRatio >= .5 || intersectionRect.height > innerHeight * .4))
				waits.set(target, setTimeout(seen, 1000, target));
		}
	}, { threshold: [0, .1, .2, .3, .4, .5] });
	onNew(root => {
		for (const form of $$('form[action$="/bestaetigen"]', root)) {
			const card = form.closest('article[id^="m"]');
			if (card && /^m\d+$/.test(card.id)) eyes.observe(card);
		}
	});
}
