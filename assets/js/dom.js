// What every module needs: markup from this server, words for screen readers, and a look at what is new on the page.

// The one Trusted Types policy: markup comes from this server only, and the worker has one address. A second policy of
// this name would throw.
const raw = { createHTML: s => s, createScriptURL: () => '/sw.js' };
const policy = globalThis.trustedTypes?.createPolicy('server', raw) ?? raw;

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const byId = (id, root = document) => $('#' + CSS.escape(id), root);

export const user = () => document.body.dataset.user || '';

// bare reports that nothing may be kept in this browser: nobody is signed in, or others use it, too.
export const bare = 'clear' in document.body.dataset;

export const worker = () => policy.createScriptURL('');

// parse reads a page of this house; page reads an answer as the page that it is.
export const parse = text => new DOMParser().parseFromString(policy.createHTML(text), 'text/html');
export const page = async answer => parse(await answer.text());

// phrases are the script's own words, in the language of the page; the layout brings them.
export const phrases = byId('phrases')?.dataset ?? {};

// words makes a paragraph of the script's own.
export function words(name, role, text) {
	const p = document.createElement('p');
	p.className = name;
	p.dir = 'auto';
	p.setAttribute('role', role);
	p.textContent = text;
	return p;
}

// say has a screen reader speak without moving the focus. The region must be there before its words are.
const region = words('sr', 'status', '');
region.id = 'say';
document.body.append(region);
export function say(text) {
	region.textContent = '';
	setTimeout(() => { region.textContent = text; }, 100);
}

// focus also reaches what is no control.
export function focus(element, options) {
	element.focus(options);
	if (document.activeElement === element) return;
	element.tabIndex = -1;
	element.focus(options);
}

// seen reports whether an element takes up room, and so can have the focus.
export const seen = element => element.getClientRects().length > 0;

// onNew runs f now and on everything that is put into the page later.
const all = [];
export function onNew(f) { all.push(f); f(document); }
export const isNew = root => all.forEach(f => f(root));

// swap puts what an answer's main holds into ours, and the focus where reading goes on.
export function swap(answer) {
	const main = $('main');
	document.title = answer.title;
	main.replaceChildren(...$('main', answer).childNodes);
	isNew(main);
	scrollTo(0, 0);
	focus($('.error-summary', main) ?? $('[aria-invalid=true]', main) ?? $('h1', main) ?? main);
}

// refocus looks in the new for what had the focus in the old: the same control if it is still to be seen, else the entry it
// stood in, else that entry's neighbour, else the heading. Never another control: a second press would hit the wrong one.
// It reports where the focus went, if not to the heading.
export function refocus(element, was, now) {
	const same = x => x.outerHTML === element.outerHTML && seen(x);
	const tag = element.localName;
	let found = $$(tag, now).find(same);
	if (!found && tag === 'summary') found = $$(tag, now)[$$(tag, was).indexOf(element)];
	const entry = element.closest('[id]');
	if (!found && entry && entry !== was && was.contains(entry)) {
		const siblings = [...entry.parentNode.children], at = siblings.indexOf(entry);
		for (const s of [...siblings.slice(at), ...siblings.slice(0, at).reverse()])
			if (s.id && (found = byId(s.id, now))) break;
	}
	focus(found ?? $('h1,h2,h3,button', now) ?? now, { preventScroll: true });
	return found;
}
