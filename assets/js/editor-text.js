// What can be edited, and how it is written as Markdown.
import { Schema } from 'prosemirror-model';
import { defaultMarkdownSerializer, MarkdownSerializer, schema as base } from 'prosemirror-markdown';
import { tableNodes } from 'prosemirror-tables';

const spec = name => base.spec.nodes.get(name);

// The house marks tasks with <i data-done>, which stands first in its item.
const mark = e => e.querySelector(':scope > i[data-done], :scope > p > i[data-done]');
const item = {
	...spec('list_item'), attrs: { done: { default: null } },
	parseDOM: [{ tag: 'li', getAttrs: e => ({ done: mark(e) ? mark(e).dataset.done === '1' : e.dataset.done ? e.dataset.done === 'true' : null }) }],
	toDOM: x => x.attrs.done === null ? ['li', 0] : ['li', { 'data-done': x.attrs.done }, 0],
};
const listed = (name, tag) => ({
	...spec(name), attrs: { ...spec(name).attrs, tight: { default: true } },
	parseDOM: [{ tag, getAttrs: e => ({ tight: !e.querySelector(':scope > li > p'), ...(tag === 'ol' && { order: +(e.getAttribute('start') ?? 1) }) }) }],
});
const align = {
	default: null, getFromDOM: e => e.getAttribute('align'), setDOMAttr: (v, attrs) => { if (v) attrs.align = v; },
};

export const schema = new Schema({
	nodes: base.spec.nodes
		.update('image', {
			...spec('image'),
			parseDOM: [{ tag: 'img[src]', getAttrs: e => {
				const url = new URL(e.getAttribute('src'), location.origin); // only files of this house are shown
				return url.origin === location.origin && /^\/datei\/[1-9]\d*$/.test(url.pathname) && { src: url.pathname, alt: e.alt, title: e.title || null };
			} }],
		})
		.update('list_item', item)
		.update('heading', { ...spec('heading'), content: 'inline*' })
		.update('bullet_list', listed('bullet_list', 'ul'))
		.update('ordered_list', listed('ordered_list', 'ol'))
		.update('code_block', { ...spec('code_block'), parseDOM: [{
			tag: 'pre', preserveWhitespace: 'full',
			getAttrs: e => ({ params: /language-(\S+)/.exec(e.querySelector('code')?.className ?? '')?.[1] ?? '' }),
		}] })
		.append({
			// > [!hinweis]
			box: {
				content: 'block+', group: 'block', defining: true, attrs: { word: { default: 'hinweis' }, heading: { default: '' } },
				parseDOM: [{ tag: 'div[data-box]', getAttrs: e => ({ word: e.dataset.box, heading: e.dataset.heading ?? '' }) }],
				toDOM: x => ['div', { class: 'callout info', 'data-box': x.attrs.word, 'data-heading': x.attrs.heading }, 0],
			},
			// what this editor cannot show stays as it was written: footnotes, definitions
			source: {
				content: 'text*', group: 'block', marks: '', code: true, defining: true,
				parseDOM: [{ tag: 'pre[data-source]', preserveWhitespace: 'full', priority: 60 }],
				toDOM: () => ['pre', { 'data-source': '' }, 0],
			},
			piece: {
				inline: true, group: 'inline', atom: true, attrs: { source: {} },
				parseDOM: [{ tag: 'span[data-source]', getAttrs: e => ({ source: e.dataset.source }) }],
				toDOM: x => ['span', { 'data-source': x.attrs.source }, x.attrs.source],
			},
			title_link: {
				inline: true, group: 'inline', atom: true, attrs: { title: {}, label: { default: '' } },
				parseDOM: [{ tag: 'a[data-title]', priority: 60, getAttrs: e => ({ title: e.dataset.title, label: e.textContent === e.dataset.title ? '' : e.textContent }) }],
				toDOM: x => ['a', { 'data-title': x.attrs.title }, x.attrs.label || x.attrs.title],
				leafText: x => x.attrs.label || x.attrs.title,
			},
			...tableNodes({ tableGroup: 'block', cellContent: 'paragraph', cellAttributes: { align } }),
		}),
	marks: base.spec.marks.append({ del: { parseDOM: [{ tag: 'del' }, { tag: 's' }], toDOM: () => ['del', 0] } }),
});

// cell is a table's cell in one line.
function cell(state, x) {
	const out = state.out;
	state.out = '';
	x.forEach((p, _, i) => {
		if (i) state.out += ' ';
		state.renderInline(p, false);
	});
	const text = state.out;
	state.out = out;
	return text.replace(/\\\n|\n/g, ' ').replace(/\\?\|/g, '\\|');
}

const nodes = {
	...defaultMarkdownSerializer.nodes,
	bullet_list: (state, x) => state.renderList(x, '  ', () => '- '),
	horizontal_rule(state, x) {
		state.write('---');
		state.closeBlock(x);
	},
	list_item(state, x) {
		if (x.attrs.done !== null) state.write(x.attrs.done ? '[x] ' : '[ ] ');
		state.renderContent(x);
	},
	box: (state, x) => state.wrapBlock('> ', null, x, () => {
		state.write(`[!${x.attrs.word}]${x.attrs.heading && ' ' + x.attrs.heading}`);
		state.ensureNewLine();
		state.renderContent(x);
	}),
	source(state, x) {
		state.text(x.textContent, false);
		state.closeBlock(x);
	},
	piece: (state, x) => state.write(x.attrs.source),
	title_link: (state, x) => state.write(`[[${x.attrs.title}${x.attrs.label && (state.inTable ? '\\|' : '|') + x.attrs.label}]]`),
	table(state, x) {
		const line = cells => {
			state.ensureNewLine();
			state.write(`| ${cells.join(' | ')} |`);
		};
		state.write('');
		x.forEach((row, _, i) => {
			const cells = [], rule = [];
			row.forEach(c => {
				cells.push(cell(state, c));
				rule.push({ right: '--:', center: ':-:', left: ':--' }[c.attrs.align] ?? '---');
			});
			line(cells);
			if (i === 0) line(rule);
		});
		state.closeBlock(x);
	},
};

const serializer = new MarkdownSerializer(nodes, {
	...defaultMarkdownSerializer.marks,
	del: { open: '~~', close: '~~', mixable: true, expelEnclosingWhitespace: true },
});

// markdown writes a document down. A footnote's mark in the text, which is no node here, stays one.
export const markdown = doc => serializer.serialize(doc, { tightLists: true }).replace(/\\\[(\^[^\]\\\s]+)\\\]/g, '[$1]');
