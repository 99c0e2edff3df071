"""`wsgi.py MODULE:APPLICATION HOST PORT THREADS`: an application under waitress.

(waitress-serve will not do: keystone reads sys.argv itself.)
"""
import importlib
import logging
import sys

import waitress

target, host, port, threads = sys.argv[1:5]
sys.argv = [sys.argv[0]]
logging.getLogger('waitress.queue').setLevel(logging.ERROR)
module, name = target.split(':')
waitress.serve(getattr(importlib.import_module(module), name), host=host,
               port=int(port), threads=int(threads), ident=None)
