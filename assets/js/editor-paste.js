// Word, LibreOffice and Google Docs put hundreds of styles on the clipboard. What Markdown can hold is kept: headings,
// lists, tables, links, bold, italic and struck. All else goes.

const all = (root, css) => [...root.querySelectorAll(css)];
const unwrap = e => e.replaceWith(...e.childNodes);
const rename = (e, tag) => {
	const n = e.ownerDocument.createElement(tag);
	n.append(...e.childNodes);
	e.replaceWith(n);
	return n;
};

// tidy gives back the HTML of the clipboard without what nobody wants. parse reads HTML into a document that does nothing.
export function tidy(html, parse) {
	if (/data-pm-slice/.test(html)) return html; // from this editor
	const d = parse(html.replace(/<!\[(?:if|endif)[^>]*>/g, '').replace(/<\/?o:p>/g, '').replace(/<style[\s\S]*?<\/style>/gi, '')
		.replace(/<[a-z][^<>]*>/gi, tag => tag.replace(/\s(style|on[a-z]+)\s*=/gi, ' data-$1=')));
	all(d, 'script, title, meta, link, xml, br.Apple-interchange-newline').forEach(e => e.remove());
	styles(d);
	wordLists(d);
	lists(d);
	headings(d);
	all(d, 'table').reverse().forEach(table); // the inner first
	links(d);
	for (const p of all(d, 'p')) if (!p.textContent.trim() && !p.querySelector('img') && !p.closest('td, th')) p.remove();
	return d.body.innerHTML;
}

// styles makes elements of what stood in attributes. Those have another name here: the policy of the page forbids them, as
// it does scripts, and a browser would say so each time.
function styles(d) {
	for (const e of all(d, '[data-style]')) {
		const { style } = e.dataset, is = re => re.test(style);
		delete e.dataset.style;
		const level = /mso-list:\s*\S+ level(\d+)/i.exec(style);
		if (level) e.dataset.level = level[1];
		if (is(/mso-list:\s*Ignore/i)) e.dataset.mark = '';
		if (/^(b|strong|i|em)$/.test(e.localName)) {
			if (is(/(^|[\s;])font-weight:\s*(normal|[1-4]00)/i) || is(/font-style:\s*normal/i)) unwrap(e); // Google Docs wraps all in such a <b>
			continue;
		}
		if (e.localName !== 'span') continue;
		for (const [tag, re] of [['b', /(?:^|[\s;])font-weight:\s*(bold|[6-9]00)/i], ['i', /font-style:\s*italic/i], ['s', /text-decoration[^;]*line-through/i]]) {
			if (!is(re) || e.closest(tag)) continue;
			const inner = d.createElement(tag);
			inner.append(...e.childNodes);
			e.append(inner);
		}
	}
	all(d, 'strike').forEach(e => rename(e, 's'));
	all(d, '[data-mark]').forEach(e => { if (!e.closest('[data-level]')) e.remove(); });
}

// wordLists: Word writes lists as paragraphs with a sign before them.
function wordLists(d) {
	let open = null; // the lists that the next item may belong to, the outer first
	for (const p of all(d, 'p, h1, h2, h3, h4, h5, h6, table')) {
		const level = +p.dataset.level;
		if (!level || /^h\d$/.test(p.localName)) { // numbered headings carry their number as a sign
			all(p, '[data-mark]').forEach(e => e.remove());
			if (p.localName === 'table' || !p.closest('td, th')) open = null;
			continue;
		}
		const sign = p.querySelector('[data-mark]'), tag = /^\s*(\d+|[a-z]|[ivx]+)[.)]/i.test(sign?.textContent ?? '') ? 'ol' : 'ul';
		sign?.remove();
		const item = d.createElement('li');
		item.append(...p.childNodes);
		if (!open || level === 1 && open[0].localName !== tag) {
			open = [d.createElement(tag)];
			p.before(open[0]);
		}
		while (open.length > level) open.pop();
		while (open.length < level) {
			const inner = d.createElement(tag);
			(open.at(-1).lastElementChild ?? open.at(-1).appendChild(d.createElement('li'))).append(inner);
			open.push(inner);
		}
		open.at(-1).append(item);
		p.remove();
	}
}

// lists: Google Docs puts a list into a list, where an item should hold it, and a paragraph into each item.
function lists(d) {
	for (const inner of all(d, ':is(ul, ol) > :is(ul, ol)')) {
		const before = inner.previousElementSibling;
		if (before?.localName === 'li') before.append(inner);
		else rename(inner, 'li').replaceChildren(inner);
	}
	for (const li of all(d, 'li')) {
		if (li.getAttribute('role') === 'checkbox') li.dataset.done = li.ariaChecked === 'true';
		const p = [...li.children].filter(e => e.localName === 'p');
		if (p.length === 1) unwrap(p[0]);
	}
}

// headings: the title of the page is the first of all, so those of a text begin below it.
function headings(d) {
	all(d, 'p.MsoTitle, p.title').forEach(p => rename(p, 'h1'));
	const deeper = d.querySelector('h1') ? 1 : 0;
	for (let level = 6; level >= 1; level--) for (const h of all(d, `h${level}`)) {
		all(h, 'b, strong').forEach(unwrap);
		if (!h.textContent.trim()) h.remove();
		else if (deeper) rename(h, `h${Math.min(6, level + 1)}`);
	}
}

// table makes one of Markdown's: a head, cells of one paragraph, every row as long as the others.
function table(t) {
	const d = t.ownerDocument, rows = [...t.rows];
	if (t.parentNode.closest('td, th')) return t.replaceWith(...rows.flatMap(r => [...r.cells].flatMap(c => [...c.childNodes, ' '])));
	all(t, 'caption, colgroup, col').forEach(e => e.remove());
	rows.forEach((row, y) => {
		for (let x = 0; x < row.cells.length; x++) {
			const cell = row.cells[x], { colSpan, rowSpan } = cell;
			cell.removeAttribute('colspan');
			cell.removeAttribute('rowspan');
			for (let i = 1; i < colSpan; i++) cell.after(d.createElement('td'));
			for (let i = 1; i < rowSpan; i++) for (let j = 0; j < colSpan; j++) rows[y + i]?.insertBefore(d.createElement('td'), rows[y + i].cells[x] ?? null);
		}
	});
	const width = Math.max(0, ...rows.map(r => r.cells.length));
	rows.forEach((row, y) => {
		while (row.cells.length < width) row.append(d.createElement('td'));
		for (const cell of [...row.cells]) {
			all(cell, 'ul, ol').forEach(unwrap);
			all(cell, 'p, div, li, h1, h2, h3, h4, h5, h6, blockquote').forEach(e => {
				if (e.nextSibling) e.after(' ');
				unwrap(e);
			});
			all(cell, 'br').forEach(e => e.replaceWith(' '));
			const to = rename(cell, y ? 'td' : 'th');
			if (!y) all(to, 'b, strong').forEach(unwrap); // a head is bold by itself
			if (cell.align) to.align = cell.align;
		}
	});
}

// links: those that lead anywhere from here are kept.
function links(d) {
	for (const a of all(d, 'a')) {
		let href = a.getAttribute('href') ?? '';
		if (/^https:\/\/www\.google\.com\/url\?/.test(href)) href = new URL(href).searchParams.get('q') ?? '';
		if (/^(https?:|mailto:|tel:|\/(?![/\\]))/i.test(href)) a.setAttribute('href', href);
		else if (!a.dataset.title) unwrap(a);
	}
}
