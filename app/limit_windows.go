package app

// mayOpen is how many files and connections this process may have open. Windows has no such limit.
func mayOpen() int64 { return 1 << 20 }
