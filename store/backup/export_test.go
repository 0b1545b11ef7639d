package backup

// ReadPlain reads what stands inside of age's format.
var ReadPlain = readPlain
