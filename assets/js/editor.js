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
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, goToNextCell, tableEditing } from 'prosemirror-tables';
import { bar as toolbar } from './editor-bar.js';
import { markdown, schema } from './editor-text.js';
import { tidy } from './editor-paste.js';
import { act as picture, pictures } from './editor-picture.js';
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

// asking makes a dialog with one field a function: it resolves to what was typed, null if that was given up.
const asking = dialog => before => new Promise(done => {
	const field = dialog.querySelector('input');
	field.value = before;
	dialog.returnValue = '';
	dialog.onclose = () => done(dialog.returnValue === 'ok' ? field.value.trim() : null);
	dialog.showModal();
});

// safe is an address that others may follow, made of what somebody types for one; '': it is none.
function safe(typed) {
	if (/^(https?:|mailto:|tel:|\/(?![/\\]))/i.test(typed)) return typed;
	if (/^[^\s/@]+@[^\s/@]+$/.test(typed)) return `mailto:${typed}`;
	return /^[\w-]+(\.[\w-]+)+([/?#]|$)/.test(typed) ? `https://${typed}` : '';
}

// link asks for the address or the title of a page, or takes a link away.
const link = ask => (state, go, view) => {
	if (hasMark(state, m.link)) return toggleMark(m.link)(state, go);
	ask('').then(to => {
		view.focus();
		if (!to) return;
		const { state: now } = view, href = safe(to);
		if (!href) view.dispatch(now.tr.replaceSelectionWith(n.title_link.create({ title: to.replace(/[[\]|#\n]/g, ' '), label: '' }), false));
		else if (now.selection.empty) view.dispatch(now.tr.replaceSelectionWith(schema.text(to, [m.link.create({ href })]), false));
		else toggleMark(m.link, { href })(now, view.dispatch);
	});
	return 'asks';
};

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
	const root = area.closest('.editor'), bar = dom.$('[role=toolbar]', root), host = dom.$('.editor-text', root), raw = dom.$('[data-raw]', root);
	const askPicture = asking(dom.byId('ask-picture')), askLink = link(asking(dom.byId('ask-link')));
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
	const files = pictures(root, askPicture);
	const plugins = [history(), complete, rules(), ticks, files.plugin, tableEditing(),
		keymap({
			'Mod-b': acts.bold.run, 'Mod-i': acts.italic.run, 'Mod-z': undo, 'Mod-y': redo, 'Mod-Shift-z': redo,
			Enter: splitListItem(n.list_item), 'Mod-]': sinkListItem(n.list_item), 'Mod-[': liftListItem(n.list_item),
			// Tab is left alone outside tables: nobody must be trapped (WCAG 2.1.2)
			Tab: goToNextCell(1), 'Shift-Tab': goToNextCell(-1),
			'Shift-Enter': chainCommands(exitCode, (s, go) => { go?.(s.tr.replaceSelectionWith(n.hard_break.create()).scrollIntoView()); return true; }),
			'Mod-k': (state, go, view) => { askLink(state, go, view); return true; },
		}), keymap(baseKeymap)];
	const view = new EditorView(host, {
		state: EditorState.create({ doc: doc(source), plugins }),
		attributes: { role: 'textbox', 'aria-multiline': 'true', 'aria-labelledby': root.dataset.label, 'aria-describedby': `${area.id}-keys`, lang: 'de', spellcheck: 'true', class: 'prose wiki', translate: 'no' },
		transformPastedHTML: html => tidy(html, dom.parse),
		dispatchTransaction(tr) {
			view.updateState(view.state.apply(tr));
			paint();
			if (tr.docChanged) write(view.state);
		},
	});
	was = markdown(view.state.doc);
	const paint = toolbar(bar, view, { ...acts, link: { run: askLink, on: x => hasMark(x, m.link) }, picture: picture(dom.byId('picture-file'), askPicture, files.addAll) }, () => view.focus());
	const show = on => {
		host.hidden = !on;
		area.hidden = on;
		bar.hidden = !on;
		raw.ariaPressed = !on;
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
	area.form.addEventListener('reset', () => setTimeout(() => location.reload()));
	area.required = false; // hidden, a browser could not say what is missing; the house says it
	raw.hidden = false;
	show(true);
	paint();
	performance.mark('editor');
}
