package hint

import "path/filepath"

// Path is advice about a file that is not there, such as "check the path", with the path that was looked for where another one was given: a
// service has another working directory than people have in mind.
func Path(advice, given string) string {
	whole, err := filepath.Abs(given)
	if err != nil || filepath.IsAbs(given) {
		return advice
	}
	return advice + ": what was looked for is " + whole
}
