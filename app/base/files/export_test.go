package files

import "context"

// Roomy: the memory of the child is not limited, since the race detector is in it.
const Roomy = roomy

// Sweep is what the daily task does.
func (f *Files) Sweep(ctx context.Context) error { return f.sweep(ctx) }

// DropOrphan is what the sweep does with the content of a file.
func (f *Files) DropOrphan(ctx context.Context, x File) error {
	return f.dropOrphan(ctx, f.path(x.Hash), x.Hash)
}
