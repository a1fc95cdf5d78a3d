// [[ offers the titles of pages to link to: a list below the text, for keys and for fingers.
import { Plugin } from 'prosemirror-state';

// titles is a plugin that asks the house under url. The list is the page's own element with the role listbox.
export function titles(url, dom, root) {
	const box = dom.$('[role=listbox]', root);
	let view, from = -1, picked = 0, all = [], asked = '', timer;

	const close = () => {
		from = -1;
		box.hidden = true;
		view?.dom.removeAttribute('aria-activedescendant');
	};
	const take = title => {
		const { state } = view, link = state.schema.nodes.title_link.create({ title, label: '' });
		view.dispatch(state.tr.replaceWith(from, state.selection.from, link));
		close();
		view.focus();
	};
	const paint = () => {
		box.replaceChildren(...all.map((title, i) => {
			const option = document.createElement('li');
			option.id = `${box.id}-${i}`;
			option.role = 'option';
			option.ariaSelected = i === picked;
			option.textContent = title;
			option.onmousedown = e => {
				e.preventDefault();
				take(title);
			};
			return option;
		}));
		box.hidden = !all.length;
		if (!all.length) return;
		view.dom.setAttribute('aria-controls', box.id);
		view.dom.setAttribute('aria-activedescendant', `${box.id}-${picked}`);
	};
	const ask = async words => {
		asked = words;
		const answer = await fetch(`${url}&q=${encodeURIComponent(words)}`).then(a => a.ok ? a.json() : []).catch(() => []);
		if (words !== asked || from < 0) return; // typed on meanwhile
		all = answer;
		picked = 0;
		paint();
	};

	return new Plugin({
		view: v => {
			view = v;
			return {
				update() {
					const { $from, empty } = view.state.selection;
					const before = empty && $from.parent.isTextblock && !$from.parent.type.spec.code ? $from.parent.textBetween(Math.max(0, $from.parentOffset - 80), $from.parentOffset, null, '\ufffc') : '';
					const m = /\[\[([^[\]|#\n\ufffc]*)$/.exec(before);
					if (!m) return close();
					from = $from.pos - m[0].length;
					if (m[1] === asked && !box.hidden) return;
					clearTimeout(timer);
					timer = setTimeout(ask, 120, m[1]);
				},
				destroy: close,
			};
		},
		props: {
			handleKeyDown(_view, e) {
				if (from < 0 || box.hidden) return false;
				const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
				if (by) picked = (picked + by + all.length) % all.length;
				else if (e.key === 'Escape') return close(), true;
				else if (e.key === 'Enter' || e.key === 'Tab') return take(all[picked]), true;
				else return false;
				paint();
				return true;
			},
			handleDOMEvents: { blur: () => { close(); } },
		},
	});
}
