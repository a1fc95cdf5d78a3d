// [data-sign]: a field to sign in by hand. What is drawn becomes a path of lines in the hidden field of its form. Who does
// not draw types a name.

const most = 1500; // points: the house takes 8,000 signs

export function begin({ $, $$ }) {
	for (const part of $$('[data-sign][hidden]')) {
		part.hidden = false;
		field(part.closest('form').elements.drawing, $('svg', part), $('path', part), $('button', part));
	}
}

function field(input, svg, path, again) {
	let pen = null, points = 0;
	const at = e => {
		const box = svg.getBoundingClientRect(), clamp = (x, top) => Math.round(Math.max(0, Math.min(top, x)));
		return clamp((e.clientX - box.left) * 300 / box.width, 300) + ' ' + clamp((e.clientY - box.top) * 100 / box.height, 100);
	};
	// A stroke is a point and lines from it: one that is only touched is none.
	let start = '', last = '';
	// Else Chromium makes no click of the tap that follows a stroke of a finger: the button would have to be tapped twice.
	svg.addEventListener('touchstart', e => e.preventDefault(), { passive: false });
	svg.addEventListener('pointerdown', e => {
		if (pen !== null || !e.isPrimary) return;
		pen = e.pointerId;
		svg.setPointerCapture(pen);
		start = 'M' + at(e);
		last = at(e);
	});
	svg.addEventListener('pointermove', e => {
		if (e.pointerId !== pen || points >= most) return;
		const to = at(e);
		if (to === last) return;
		input.value += start + 'L' + to;
		start = '';
		last = to;
		points++;
		path.setAttribute('d', input.value);
	});
	for (const type of ['pointerup', 'pointercancel']) svg.addEventListener(type, e => { if (e.pointerId === pen) pen = null; });
	again.addEventListener('click', () => {
		input.value = '';
		points = 0;
		path.setAttribute('d', '');
	});
}
