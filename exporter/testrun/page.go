package testrun

import (
	"fmt"
	"io"
	"net/http"
)

// Answer asks for an address and returns the status of the answer and its text.
func Answer(address string) (status int, text string, err error) {
	answer, err := http.Get(address)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body), err
}

// Page is the text of an address that answers with status 200; another status is an error.
func Page(address string) (string, error) {
	status, text, err := Answer(address)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("HTTP status %d", status)
	}
	return text, err
}
