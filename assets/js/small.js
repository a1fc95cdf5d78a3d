// Small helps: invitation, filter, print, copy, parts that depend on a choice.
import { $, $$, onNew, phrases, say } from './dom.js';

// form[data-invite]: the code stands in the link behind "#", where no server log sees it.
function invite() {
	const field = $('form[data-invite]')?.elements.code, hash = location.hash.slice(1);
	if (!field || !hash || document.getElementById(hash)) return;
	try { field.value = decodeURIComponent(hash); } catch { return; }
	history.replaceState(null, '', location.pathname);
}
invite();
addEventListener('hashchange', invite);

// input[data-filter="#id"]: "strasse" finds "Straße", "muller" and "mueller" find "Müller".
const plain = s => s.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replace(/ß/g, 'ss').replace(/([aou])e/g, '$1').trim();
addEventListener('input', e => {
	const list = e.target.dataset.filter && $(e.target.dataset.filter);
	if (!list) return;
	const want = plain(e.target.value);
	let n = 0;
	for (const child of list.children) n += !(child.hidden = !plain(child.textContent).includes(want));
	say(phrases.hits.replace('%d', n));
});
for (const type of ['keydown', 'keypress']) addEventListener(type, e => {
	if (e.key === 'Enter' && e.target.dataset?.filter) e.preventDefault();
});

addEventListener('click', async e => {
	if (e.target.closest('[data-print]')) print();
	const copy = e.target.closest('[data-copy]');
	if (!copy) return;
	const what = copy.dataset.copy, from = what[0] === '#' && $(what);
	try { await navigator.clipboard.writeText(from ? from.value ?? from.textContent.trim() : what); } catch { return; }
	say(phrases.copied);
	const tick = new Text(' ✓');
	copy.append(tick);
	setTimeout(() => tick.remove(), 2000);
});

// [data-show-when="name=value"], in its form or in a fieldset[data-own]: what is hidden is still sent, nothing typed is lost.
const show = root => $$('[data-show-when]', root).forEach(part => {
	const [name, value] = part.dataset.showWhen.split('=');
	part.hidden = ![...part.closest('[data-own], form')?.elements ?? []].some(x =>
		x.name === name && x.value === value && (x.checked || !/^(checkbox|radio)$/.test(x.type)));
});
onNew(show);
addEventListener('change', e => {
	const form = e.target.form ?? e.target;
	show(form);
	if (e.target.closest('[data-submit-on-change]')) form.requestSubmit();
});
addEventListener('reset', e => setTimeout(show, 0, e.target));
// a browser does not send a form whose hidden part is wrong, and cannot say why
addEventListener('invalid', e => {
	const part = e.target.closest('[data-show-when]');
	if (part) part.hidden = false;
}, true);

// form[data-opened]: what stands on the screen for a second has been opened; the form says so.
onNew(root => {
	const form = $('form[data-opened]', root);
	if (form) setTimeout(() => { if (!document.hidden) fetch(form.action, { method: 'POST', body: new URLSearchParams(), headers: { 'X-Live': '1' } }).catch(() => {}); }, 1000);
});

// [data-rest=SECONDS][data-to]: a device that lies about goes to where nothing of children stands on its screen.
const rest = $('[data-rest]')?.dataset;
if (rest) setTimeout(() => location.replace(rest.to), rest.rest * 1000);

// form[data-at-once]: nobody has to press its button; whoever comes back to the page does not send it twice.
onNew(root => {
	const form = $('form[data-at-once]', root);
	if (form && performance.getEntriesByType('navigation')[0]?.type === 'navigate') form.requestSubmit();
});
