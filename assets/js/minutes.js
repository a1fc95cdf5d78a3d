// form[data-minutes]: what is written in minutes is saved every few seconds and on leaving. What the house has not got yet
// stays in this browser (draft.js) and goes with the next try. Who has lost the pen to somebody else sends what is left,
// which the house keeps aside, and writes no more.
export function begin(dom) {
	const form = dom.$('form[data-minutes]'), { elements, dataset } = form, say = dom.$('[data-said]', form);
	const areas = dom.$$('textarea', form);
	const had = new Map(areas.map(a => [a, a.defaultValue])); // as the house has it
	const open = () => areas.filter(a => a.value !== had.get(a));
	let timer, sending, over;
	dom.$('[data-plain]', form).hidden = true;

	function body(all) {
		elements.no.value = +elements.no.value + 1;
		const out = new URLSearchParams();
		for (const name of ['pen', 'form', 'no']) out.set(name, elements[name].value);
		for (const a of all) for (const name of [a.name, a.name.replace('body', 'base')]) out.set(name, elements[name].value);
		return out;
	}

	const post = (data, keepalive) => fetch(form.action, { method: 'POST', body: data, keepalive, headers: { 'X-Autosave': '1' } });

	function taken(by) {
		over = true;
		areas.forEach(a => { a.readOnly = true; });
		dom.$$('button', form).forEach(b => { b.hidden = true; });
		const note = dom.$('[data-over]');
		dom.$('span span', note).textContent = dataset.taken.replace('%s', by);
		note.hidden = false;
		say.textContent = '';
		note.scrollIntoView({ block: 'center' });
	}

	async function save() {
		clearTimeout(timer);
		timer = undefined;
		if (sending || over) return;
		const all = open(), sent = new Map(all.map(a => [a, a.value]));
		if (!all.length) return;
		sending = true;
		say.textContent = dataset.saving;
		try {
			const answer = await post(body(all));
			if (!answer.ok) throw Error(answer.status);
			const { by, aside, bases } = await answer.json();
			for (const [a, value] of sent) {
				const base = bases[a.name.slice(5)];
				if (base) elements[a.name.replace('body', 'base')].value = base;
				had.set(a, value); // saved, or kept aside
			}
			if (!open().length) dom.forget(dataset.draft);
			if (by) taken(by);
			else say.textContent = aside ? dataset.clash : dataset.saved;
		} catch {
			say.textContent = dataset.lost;
			later(1e4);
		} finally {
			sending = false;
			if (open().length) later(3000);
		}
	}

	function later(ms) { timer ??= setTimeout(save, ms); }

	form.addEventListener('input', () => { if (!over) later(3000); });
	form.addEventListener('change', () => later(500)); // also what a draft of this device has filled in
	form.addEventListener('submit', () => { clearTimeout(timer); over = true; });
	const leave = () => {
		const all = open();
		if (over || !all.length) return;
		const data = body(all);
		post(data, data.toString().length < 6e4).catch(() => {});
	};
	addEventListener('pagehide', leave);
	addEventListener('visibilitychange', () => { if (document.hidden) leave(); });
	addEventListener('online', save);
	if (open().length) later(500);

	dom.onNew(root => {
		const pen = root.id === 'pen' && root, order = root.id === 'order' && root;
		if (pen && (pen.dataset.pen !== elements.pen.value || !pen.dataset.mine) && !over) {
			// what is left goes to the house first: it answers who has the pen
			if (open().length) save();
			else post(body([])).then(a => a.json()).then(({ by }) => { if (by) taken(by); }).catch(() => {});
		}
		if (order) dom.$('[data-more]').hidden = order.dataset.items.split(' ').every(i => !i || elements['body-' + i]);
	});
}
