// textarea[data-editor]: writing without Markdown's signs. The house renders Markdown to the markup that is edited here,
// so that there is one reading of it; this side only writes it down again, on every change, into the textarea that the form
// sends. The toolbar and all words come with the page.
import { DOMParser } from 'prosemirror-model';
import { EditorState, Plugin } from 'prosemirror-state';
import { EditorView } from 'prosemirror-view';
import { keymap } from 'prosemirror-keymap';
import { baseKeymap, chainCommands, exitCode, lift, setBlockType, toggleMark, wrapIn } from 'prosemirror-commands';
import { history, redo, undo } from 'prosemirror-history';
import { InputRule, inputRules, textblockTypeInputRule, wrappingInputRule } from 'prosemirror-inputrules';
import { liftListItem, sinkListItem, splitListItem, wrapInList } from 'prosemirror-schema-list';
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, goToNextCell, isInTable, tableEditing } from 'prosemirror-tables';
import { markdown, schema } from './editor-text.js';
import { fromWord } from './editor-paste.js';
import { titles } from './editor-title.js';

const n = schema.nodes, m = schema.marks;

const hasMark = (state, mark) => {
	const { from, $from, to, empty } = state.selection;
	return empty ? !!mark.isInSet(state.storedMarks || $from.marks()) : state.doc.rangeHasMark(from, to, mark);
};
const inside = (state, type) => {
	const { $from } = state.selection;
	for (let d = $from.depth; d >= 0; d--) if ($from.node(d).type === type) return d;
	return -1;
};
const heading = level => ({
	run: (state, go) => setBlockType(...(state.selection.$from.parent.attrs.level === level ? [n.paragraph] : [n.heading, { level }]))(state, go),
	on: s => s.selection.$from.parent.type === n.heading && s.selection.$from.parent.attrs.level === level,
});
const list = type => ({
	run: (state, go) => inside(state, type) < 0 ? wrapInList(type)(state, go) : liftListItem(n.list_item)(state, go),
	on: s => inside(s, type) >= 0,
});

// A task is an item of a list that is done or not; pressed once more it is an item again.
function task(state, go, view) {
	const at = inside(state, n.list_item);
	if (at < 0) return wrapInList(n.bullet_list)(state, go && (tr => { go(tr); task(view.state, view.dispatch, view); }));
	const { $from } = state.selection, item = $from.node(at);
	go?.(state.tr.setNodeMarkup($from.before(at), null, { ...item.attrs, done: item.attrs.done === null ? false : null }));
	return true;
}

function table(state, go) {
	const cell = type => type.createAndFill(), row = type => n.table_row.create(null, [cell(type), cell(type)]);
	go?.(state.tr.replaceSelectionWith(n.table.create(null, [row(n.table_header), row(n.table_cell), row(n.table_cell)])).scrollIntoView());
	return true;
}

const wrap = (type, attrs) => ({
	run: (state, go) => inside(state, type) < 0 ? wrapIn(type, attrs)(state, go) : lift(state, go),
	on: s => inside(s, type) >= 0,
});

// What the buttons of the toolbar do, by their data-do.
const acts = {
	bold: { run: toggleMark(m.strong), on: s => hasMark(s, m.strong) },
	italic: { run: toggleMark(m.em), on: s => hasMark(s, m.em) },
	strike: { run: toggleMark(m.del), on: s => hasMark(s, m.del) },
	h2: heading(2), h3: heading(3),
	list: list(n.bullet_list), numbers: list(n.ordered_list),
	task: { run: task, on: s => { const at = inside(s, n.list_item); return at >= 0 && s.selection.$from.node(at).attrs.done !== null; } },
	deeper: { run: sinkListItem(n.list_item) },
	higher: { run: (s, go) => liftListItem(n.list_item)(s, go) || lift(s, go) },
	box: wrap(n.box, { word: 'hinweis', heading: '' }), quote: wrap(n.blockquote),
	table: { run: table },
	row: { run: addRowAfter }, column: { run: addColumnAfter }, norow: { run: deleteRow }, nocolumn: { run: deleteColumn }, notable: { run: deleteTable },
	undo: { run: undo }, redo: { run: redo },
};

// link asks for the address, or takes a link away.
function link(view, dialog) {
	if (hasMark(view.state, m.link)) return toggleMark(m.link)(view.state, view.dispatch);
	const field = dialog.querySelector('input');
	field.value = '';
	dialog.returnValue = '';
	dialog.onclose = () => {
		const href = field.value.trim();
		view.focus();
		if (dialog.returnValue !== 'ok' || !href) return;
		const { state } = view, safe = /^(https?:|mailto:|tel:|\/(?![/\\]))/i.test(href) ? href : /^[^\s/@]+@[^\s/@]+$/.test(href) ? `mailto:${href}` : /^[\w-]+(\.[\w-]+)+([/?#]|$)/.test(href) ? `https://${href}` : '';
		if (!safe) view.dispatch(state.tr.replaceSelectionWith(n.title_link.create({ title: href.replace(/[[\]|#\n]/g, ' '), label: '' }), false));
		else if (state.selection.empty) view.dispatch(state.tr.replaceSelectionWith(schema.text(href, [m.link.create({ href: safe })]), false));
		else toggleMark(m.link, { href: safe })(state, view.dispatch);
	};
	dialog.showModal();
}

function rules() {
	return inputRules({ rules: [
		textblockTypeInputRule(/^(#{2,4})\s$/, n.heading, x => ({ level: x[1].length })),
		wrappingInputRule(/^\s*([-+*])\s$/, n.bullet_list),
		wrappingInputRule(/^(\d+)\.\s$/, n.ordered_list, x => ({ order: +x[1] })),
		wrappingInputRule(/^\s*>\s$/, n.blockquote),
		new InputRule(/\[\[([^[\]|#\n]+)\]\]$/, (state, x, from, to) => state.tr.replaceWith(from, to, n.title_link.create({ title: x[1].trim(), label: '' }))),
	] });
}

// A tap on the box of a task ticks it.
const ticks = new Plugin({ props: {
	handleClickOn(view, _pos, node, at, e) {
		if (node.type !== n.list_item || node.attrs.done === null || e.offsetX > 28 || !e.target.closest('li')?.isSameNode(view.nodeDOM(at))) return false;
		view.dispatch(view.state.tr.setNodeMarkup(at, null, { ...node.attrs, done: !node.attrs.done }));
		return true;
	},
} });

// begin puts an editor in the place of every textarea that wants one.
export async function begin(dom) {
	dom.$$('form[data-forget]').forEach(f => f.addEventListener('submit', () => dom.forget(f.dataset.forget)));
	for (const area of dom.$$('textarea[data-editor]')) {
		delete area.dataset.editor;
		if (area.dataset.keep) keep(area);
		await mount(area, dom).catch(e => { console.error(e.stack); }); // then the textarea stays, which can do everything
	}
}

// keep has the house save a draft when somebody has stopped typing for a moment. It is a help, not a promise: what fails
// here is still on the device.
function keep(area) {
	let timer;
	const { form } = area;
	form.addEventListener('input', () => {
		clearTimeout(timer);
		timer = setTimeout(() => {
			const body = new URLSearchParams();
			for (const name of ['title', 'body', 'base']) body.set(name, form.elements[name].value);
			fetch(area.dataset.keep, { method: 'POST', body, keepalive: body.toString().length < 6e4 }).catch(() => {});
		}, 3000);
	});
	form.addEventListener('submit', () => clearTimeout(timer));
}

async function mount(area, dom) {
	const root = area.closest('.editor'), bar = dom.$('[role=toolbar]', root), host = dom.$('.editor-text', root), raw = dom.$('[data-do=raw]', root);
	const dialog = dom.$('dialog.editor-link');
	const render = async () => {
		const answer = await fetch(area.dataset.render, { method: 'POST', body: new URLSearchParams({ body: area.value }) });
		if (!answer.ok) throw Error(answer.status);
		return dom.$('main', await dom.page(answer));
	};
	// A draft of this device may have filled the textarea since the house rendered it.
	const source = area.value === area.defaultValue ? dom.$('template', root).content : await render();
	const doc = from => DOMParser.fromSchema(schema).parse(from);
	let was = '';
	const write = state => {
		const now = markdown(state.doc);
		if (now === was) return;
		area.value = was = now;
		area.dispatchEvent(new Event('input', { bubbles: true }));
	};
	const complete = titles(area.dataset.titles, dom, root);
	const plugins = [history(), complete, rules(), ticks, tableEditing(),
		keymap({
			'Mod-b': acts.bold.run, 'Mod-i': acts.italic.run, 'Mod-z': undo, 'Mod-y': redo, 'Mod-Shift-z': redo,
			Enter: splitListItem(n.list_item), 'Mod-]': sinkListItem(n.list_item), 'Mod-[': liftListItem(n.list_item),
			// Tab is left alone outside tables: nobody must be trapped (WCAG 2.1.2)
			Tab: goToNextCell(1), 'Shift-Tab': goToNextCell(-1),
			'Shift-Enter': chainCommands(exitCode, (s, go) => { go?.(s.tr.replaceSelectionWith(n.hard_break.create()).scrollIntoView()); return true; }),
			'Mod-k': (_s, _go, view) => { link(view, dialog); return true; },
		}), keymap(baseKeymap)];
	const view = new EditorView(host, {
		state: EditorState.create({ doc: doc(source), plugins }),
		attributes: { role: 'textbox', 'aria-multiline': 'true', 'aria-labelledby': root.dataset.label, 'aria-describedby': `${area.id}-keys`, lang: 'de', spellcheck: 'true', class: 'prose wiki', translate: 'no' },
		transformPastedHTML: html => fromWord(html, dom.parse),
		dispatchTransaction(tr) {
			view.updateState(view.state.apply(tr));
			paint();
			if (tr.docChanged) write(view.state);
		},
	});
	was = markdown(view.state.doc);
	const buttons = dom.$$('button', bar);
	const run = name => name === 'link' ? link(view, dialog) : acts[name]?.run(view.state, view.dispatch, view);
	function paint() {
		const inTable = isInTable(view.state);
		for (const b of buttons) {
			const act = acts[b.dataset.do];
			if (act?.on) b.setAttribute('aria-pressed', act.on(view.state));
			if (b.dataset.in) b.hidden = !inTable;
		}
	}
	bar.addEventListener('mousedown', e => e.preventDefault()); // the selection stays in the text
	bar.addEventListener('click', e => {
		const b = e.target.closest('button');
		if (!b || b === raw) return;
		run(b.dataset.do);
		if (!dialog.open) view.focus();
	});
	bar.addEventListener('keydown', e => {
		const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
		if (!by) return;
		const shown = buttons.filter(b => !b.hidden && !b.disabled), at = shown.indexOf(document.activeElement);
		const next = shown[(at + by + shown.length) % shown.length];
		buttons.forEach(b => { b.tabIndex = b === next ? 0 : -1; });
		next.focus();
		e.preventDefault();
	});
	const show = on => {
		host.hidden = !on;
		area.hidden = on;
		raw.setAttribute('aria-pressed', !on);
		buttons.forEach(b => { if (b !== raw) b.disabled = !on; });
	};
	raw.addEventListener('click', async () => {
		if (!host.hidden) {
			show(false);
			area.focus();
			return;
		}
		try {
			view.updateState(EditorState.create({ doc: doc(await render()), plugins }));
		} catch {
			dom.say(dom.phrases.lost); // the words are safe in the textarea
			return;
		}
		was = area.value;
		show(true);
		paint();
		view.focus();
	});
	host.addEventListener('keydown', e => {
		if (e.key !== 'F10' || !e.altKey) return;
		e.preventDefault();
		buttons.find(b => b.tabIndex === 0).focus();
	});
	area.form.addEventListener('reset', () => setTimeout(() => { if (!host.hidden) location.reload(); }));
	buttons.forEach((b, i) => { b.tabIndex = i ? -1 : 0; });
	area.required = false; // hidden, a browser could not say what is missing; the house says it
	bar.hidden = false;
	show(true);
	paint();
}
