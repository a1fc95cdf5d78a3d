package files

import "context"

// Roomy: the memory of the child is not limited, since the race detector is in it.
const Roomy = roomy

// Sweep is what the daily task does.
func (f *Files) Sweep(ctx context.Context) error { return f.sweep(ctx) }
