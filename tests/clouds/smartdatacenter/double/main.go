// The double of CloudAPI that gosdc has for its own tests, as a server.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/joyent/gosdc/localservices/cloudapi"
	"github.com/julienschmidt/httprouter"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	double := cloudapi.New("http://"+listener.Addr().String(), os.Args[2])
	router := httprouter.New()
	double.SetupHTTP(router)
	// The double was made for one request at a time.
	var turn sync.Mutex
	http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turn.Lock()
		defer turn.Unlock()
		router.ServeHTTP(w, r)
	}))
}
