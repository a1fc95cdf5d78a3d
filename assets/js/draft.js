// form[data-draft="key"]: what was typed survives a closed tab for a week, in this browser and for this person only.
import { $, $$, bare, onNew, phrases, user, words } from './dom.js';

const week = 7 * 864e5;
const own = () => `draft:${user()}:`;

// Storage may be forbidden or full: then there are no drafts.
const attempt = f => { try { return f(); } catch { return undefined; } };
const drop = test => attempt(() => Object.keys(localStorage).filter(k => k.startsWith('draft:') && test(k)).forEach(k => localStorage.removeItem(k)));

// The steps of one form, key-1 to key-3, belong together.
const family = key => key.replace(/-\d$/, '');

// forget removes the drafts of a form and its other steps.
export const forget = key => drop(k => k.startsWith(own()) && family(k.slice(own().length)) === family(key));

// A draft keeps the uid of what its form makes: what was sent, though its answer was lost, is not made twice. And it keeps
// the base that it began from: what somebody else has saved meanwhile is not overwritten.
const told = x => /^(uid|base(-\d+)?)$/.test(x.name);
const fields = form => [...form.elements].filter(x => told(x) || x.name && /^(select|textarea|checkbox|radio|text|search|email|tel|url|number|date|time|datetime-local|month)/.test(x.type));
const box = x => x.type === 'checkbox' || x.type === 'radio';

function read(form) {
	const values = {};
	for (const x of fields(form)) {
		const list = values[x.name] ??= [];
		if (!box(x) || x.checked) list.push(x.value);
	}
	return values;
}

// write puts values into the form and reports whether any field has changed.
function write(form, values) {
	let changed = false;
	const nth = {};
	for (const x of fields(form)) {
		const list = values[x.name];
		if (!list) continue;
		if (box(x)) {
			const on = list.includes(x.value);
			changed ||= x.checked !== on;
			x.checked = on;
			continue;
		}
		const value = list[nth[x.name] = (nth[x.name] ?? -1) + 1], before = x.value;
		if (value === undefined || value === before) continue;
		x.value = value;
		if (x.value !== value) x.value = before; // a choice that no longer exists
		else changed ||= !told(x);
	}
	return changed;
}

function restore(form) {
	const key = form.dataset.draft;
	const draft = attempt(() => JSON.parse(localStorage.getItem(own() + key)));
	// Another address is another wish: ?vorlage= fills the form on purpose. And what was just sent comes back as it was.
	if (!draft || 'sent' in form.dataset || draft.query !== location.search || $('.error-summary', form) || !write(form, draft.values)) return;
	const note = words('note', 'status', ''), text = document.createElement('span');
	const button = document.createElement('button');
	button.type = 'button';
	button.className = 'btn small';
	button.textContent = phrases.drop;
	button.onclick = () => {
		forget(key);
		form.reset();
		note.remove();
	};
	text.append(phrases.draft, ' ', button);
	note.append(text);
	form.prepend(note);
	form.dispatchEvent(new Event('change', { bubbles: true }));
}

if (bare) for (const name of ['localStorage', 'sessionStorage']) attempt(() => self[name].clear());
else if (user()) {
	drop(k => !k.startsWith(own()) || !(attempt(() => JSON.parse(localStorage.getItem(k)).at) > Date.now() - week));
	onNew(root => $$('form[data-draft]', root).forEach(restore));
	addEventListener('input', e => {
		const form = e.target.form;
		if (form?.dataset.draft) attempt(() => localStorage.setItem(own() + form.dataset.draft,
			JSON.stringify({ at: Date.now(), query: location.search, values: read(form) })));
	});
}
