// The list of a day: what was tapped without a connection looks as if it had arrived, with a word that it waits.
// Comes on that page only.
let dom, device;

export function begin(d, api) {
	[dom, device] = [d, api];
	addEventListener('submit', key, true);
	addEventListener('waiting', show);
	dom.onNew(show);
}

// key gives each press a name of its own: the same tile is tapped again and again without being made anew.
function key(e) {
	if ('tap' in e.target.dataset) e.target.elements.uid.value = crypto.randomUUID();
}

// The day of the house is the one in Germany, whatever time the device is set to.
const german = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'short' }); // 2026-11-23 00:53
const day = t => german.format(t).slice(0, 10);
const clock = t => german.format(t).slice(11);

async function show() {
	const roll = dom.$('[data-roll]');
	if (!roll) return;
	const waiting = (await device.entries().catch(() => [])).filter(x => x.user === dom.user() && !x.answer && x.url.startsWith('/tagesliste/'))
		.map(x => ({ ...Object.fromEntries(new URLSearchParams(x.body)), at: x.at }));
	const today = day(new Date()), old = roll.dataset.day !== today; // kept here since yesterday
	dom.$('[data-old]').hidden = !old;
	if (!old && !waiting.length && !dom.$('[data-shown]', roll)) return;
	for (const tile of dom.$$('[data-deeds]', roll)) one(tile, roll.dataset, waiting.filter(x => 'k' + x.child === tile.id && day(new Date(x.at)) === today), old);
	for (const n of dom.$$('[data-count]', roll)) n.textContent = dom.$$(`[data-state=${n.dataset.count}]`, roll).length;
}

// one works out the state of a child as the house does: by the time of the deed, without what others stand for.
function one(tile, words, waiting, old) {
	if (!old && !waiting.length && !tile.dataset.shown) return;
	const all = (old ? [] : JSON.parse(tile.dataset.deeds)).map(([uid, kind, at]) => ({ uid, kind, at: at * 1000 })).concat(waiting);
	const dead = new Set(all.filter(x => x.kind === 'void').map(x => x.instead));
	const last = all.filter(x => x.kind !== 'void' && !dead.has(x.uid)).sort((a, b) => a.at - b.at).pop();
	const state = last ? { came: 'here', left: 'gone' }[last.kind] : old ? 'expected' : tile.dataset.base;
	const at = document.activeElement, here = tile.contains(at) && dom.seen(at);
	tile.dataset.state = state;
	if (here && !dom.seen(at)) dom.focus(tile, { preventScroll: true }); // the button that was pressed is none of this state
	tile.dataset.shown = 1;
	const form = dom.$('form', tile);
	form.elements.instead.value = last?.uid ?? '';
	const says = dom.$('[data-word]', tile);
	tile.dataset.word ??= says.textContent;
	says.textContent = [last ? words[state].replace('{}', clock(last.at)) : state === 'excused' ? tile.dataset.word : words.expected, waiting.length && words.waits].filter(Boolean).join(' · ');
}
