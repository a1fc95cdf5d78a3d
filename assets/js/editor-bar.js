// The toolbar: one stop of the Tab key, arrows within it (ARIA Authoring Practices, toolbar pattern).
import { isInTable } from 'prosemirror-tables';

// bar has a toolbar do what acts say, by the data-do of its buttons: { run(state, dispatch, view), on(state) }. back brings
// the focus into the text. It answers with paint, to be called after every change.
export function bar(root, view, acts, back) {
	const all = root.querySelector('.editor-all'), table = root.querySelector('.editor-table'), buttons = [...root.querySelectorAll('button')];
	const shown = () => buttons.filter(b => b.checkVisibility() && !b.disabled);
	const stop = to => buttons.forEach(b => { b.tabIndex = b === to ? 0 : -1; });
	const open = yes => {
		all.ariaExpanded = yes;
		root.classList.toggle('open', yes);
	};

	root.addEventListener('mousedown', e => e.preventDefault()); // the selection stays in the text
	root.addEventListener('click', e => {
		const b = e.target.closest('button');
		if (!b) return;
		if (b === all) return open(all.ariaExpanded !== 'true');
		const keeps = acts[b.dataset.do].run(view.state, view.dispatch, view) === 'asks';
		if (b.closest('.editor-more')) open(false);
		if (!keeps) back();
	});
	root.addEventListener('keydown', e => {
		if (e.key === 'Escape') {
			open(false);
			return back();
		}
		const now = shown(), at = now.indexOf(document.activeElement);
		const next = { ArrowRight: now[at + 1] ?? now[0], ArrowLeft: now.at(at - 1), Home: now[0], End: now.at(-1) }[e.key];
		if (!next) return;
		stop(next);
		next.focus();
		e.preventDefault();
	});
	view.dom.addEventListener('keydown', e => {
		if (e.key !== 'F10' || !e.altKey) return;
		e.preventDefault();
		(shown().find(b => b.tabIndex === 0) ?? shown()[0]).focus();
	});

	stop(buttons[0]);
	return () => {
		for (const b of buttons) {
			const on = acts[b.dataset.do]?.on?.(view.state);
			if (on !== undefined) b.ariaPressed = on;
		}
		table.hidden = !isInTable(view.state);
	};
}
