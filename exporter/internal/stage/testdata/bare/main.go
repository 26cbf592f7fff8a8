// Command bare serves one page from memory: what a process with a web server
// costs before it does anything else. Benchmarks build it as their floor.
//
//	bare ADDRESS FILE
package main

import (
	"log"
	"net/http"
	"os"
)

func main() {
	page, err := os.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write(page)
	})))
}
