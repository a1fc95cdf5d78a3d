// Word puts lists on the clipboard as paragraphs with a sign before them, and headings among hundreds of styles. Other
// sources bring markup that the editor understands as it is.
export function fromWord(html, parse) {
	if (!/mso-|MsoNormal|urn:schemas-microsoft-com/.test(html)) return html;
	html = html.replace(/<!\[(?:if|endif)[^>]*>/g, '').replace(/<\/?o:p>/g, '').replace(/<style[\s\S]*?<\/style>/gi, '')
		.replace(/ style=(?:'([^']*)'|"([^"]*)")/g, (_, a, b) => {
			const style = a ?? b, level = /mso-list:\s*l\d+ level(\d+)/.exec(style);
			return level ? ` data-level="${level[1]}"` : /mso-list:\s*Ignore/i.test(style) ? ' data-mark' : '';
		});
	const d = parse(html);
	const make = numbered => d.createElement(numbered ? 'ol' : 'ul');
	let open = null; // the lists that the next item may belong to, the outer first
	for (const p of [...d.querySelectorAll('p, h1, h2, h3, h4, table')]) {
		const level = +p.dataset.level;
		if (!level) {
			if (!p.closest('td')) open = null;
			if (p.localName === 'p' && !p.textContent.trim()) p.remove();
			continue;
		}
		const sign = p.querySelector('[data-mark]'), numbered = /^\s*(\d+|[a-z])[.)]/i.test(sign?.textContent ?? '');
		sign?.remove();
		const item = d.createElement('li');
		item.append(...p.childNodes);
		if (!open) {
			open = [make(numbered)];
			p.before(open[0]);
		}
		while (open.length > level) open.pop();
		while (open.length < level) {
			const inner = make(numbered);
			(open.at(-1).lastElementChild ?? open.at(-1).appendChild(d.createElement('li'))).append(inner);
			open.push(inner);
		}
		open.at(-1).append(item);
		p.remove();
	}
	for (const t of d.querySelectorAll('table')) { // Markdown's tables have a head
		const row = t.querySelector('tr');
		if (!row || row.querySelector('th')) continue;
		for (const c of [...row.cells]) {
			const th = d.createElement('th');
			th.append(...c.childNodes);
			c.replaceWith(th);
		}
	}
	return d.body.innerHTML;
}
