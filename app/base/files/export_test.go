package files

import "context"

// Sweep is what the daily task does.
func (f *Files) Sweep(ctx context.Context) error { return f.sweep(ctx) }
