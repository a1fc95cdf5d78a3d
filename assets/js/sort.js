// A list whose entries can be dragged: with a mouse, a pen or a finger, at the handle that each gets. The buttons do the same without.
// ol[data-sort=FORM]: its entries have data-id; dropped, their order is sent with the form.
let dom, held;

export function begin(d) {
	dom = d;
	dom.onNew(handles);
	addEventListener('pointermove', move);
	for (const end of ['pointerup', 'pointercancel']) addEventListener(end, drop);
}

function handles() {
	for (const entry of dom.$$('[data-sort] > [data-id]')) {
		if (dom.$('.grip', entry)) continue;
		const grip = document.createElement('span');
		grip.className = 'grip';
		grip.setAttribute('aria-hidden', 'true'); // who hears the page has the buttons
		grip.textContent = '⠿';
		grip.addEventListener('pointerdown', e => {
			e.preventDefault();
			held = { entry, list: entry.parentNode, before: order(entry.parentNode) };
			entry.classList.add('held');
		});
		entry.prepend(grip);
	}
}

const order = list => [...list.children].map(x => x.dataset.id).join();

function move(e) {
	if (!held) return;
	e.preventDefault();
	const other = [...held.list.children].find(x => x !== held.entry && e.clientY >= x.getBoundingClientRect().top && e.clientY <= x.getBoundingClientRect().bottom);
	if (!other) return;
	const box = other.getBoundingClientRect();
	if (e.clientY < box.top + box.height / 2) other.before(held.entry);
	else other.after(held.entry);
}

function drop(e) {
	if (!held) return;
	const { entry, list, before } = held;
	held = undefined;
	entry.classList.remove('held');
	if (e.type === 'pointercancel' || order(list) === before) return;
	const form = dom.byId(list.dataset.sort);
	for (const x of list.children) {
		const field = document.createElement('input');
		field.type = 'hidden';
		field.name = 'order';
		field.value = x.dataset.id;
		form.append(field);
	}
	form.requestSubmit();
}
