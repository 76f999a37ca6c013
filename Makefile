# Every target is one line of ./linshe, where the work is. `make run` and `make test` are all a newcomer needs.
.DEFAULT_GOAL := help
.PHONY: help run test setup lint clean requirements bench-turn bench-door simulate bench-desk bench-legal bench-signup

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1 - /p' Makefile

run:  ## set up what is missing, then start everything (Ctrl-C stops it)
	@./linshe run

test:  ## everything the tests need, then all tests
	@./linshe test

setup:  ## make or mend the two Python environments
	@./linshe setup

lint:  ## ruff, mypy, import rules
	@./linshe test lint

bench-turn: setup  ## a turn beside stock Rasa's (BENCH="--seconds 5 --rounds 1" for a quick one); one JSON object at the end
	@PYTHONPATH=. .venv/app/bin/python -m ops.bench.turn $(BENCH)

bench-door: setup  ## the door under 200 messages/s (BENCH="--seconds 10" for a quick one); one JSON object at the end
	@PYTHONPATH=. .venv/app/bin/python -m ops.bench.door $(BENCH)

simulate: setup  ## ninety days of the closed loop, 50,000 tickets (SIM="--tickets 5000" for a quick one); one JSON object at the end
	@PYTHONPATH=. .venv/app/bin/python -m ops.simulation $(SIM)

bench-signup: setup  ## 500 people for 20 places in one second, on SQLite and PostgreSQL; one JSON object at the end
	@PYTHONPATH=. .venv/app/bin/python -m ops.bench.signup $(BENCH)

bench-desk: setup  ## lists, searches and counts over a million tickets (BENCH="--tickets 50000 --database URL"); one JSON object at the end
	@PYTHONPATH=. .venv/app/bin/python -m ops.bench.desk $(BENCH)

bench-legal: setup  ## our search of articles beside others (DATA=FILE of questions with known articles); one JSON object at the end
	@PYTHONPATH=. .venv/app/bin/python -m ops.bench.legal "$(DATA)" $(BENCH)

clean:  ## remove caches and the trained model; environments (.venv) and data (var) stay
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .rasa models/rasa models/danger models/vectors var/test
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

# Recompile the pinned files after a change of an .in file (needs pip-tools in both environments).
# No index address, no path of this machine: the files must mean the same everywhere.
COMPILE = -m piptools compile --quiet --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
requirements:  ## recompile requirements/*.txt
	.venv/app/bin/python $(COMPILE) -o requirements/app.txt requirements/app.in
	.venv/app/bin/python $(COMPILE) -o requirements/dev.txt requirements/dev.in
	.venv/rasa/bin/python $(COMPILE) -o requirements/rasa.txt requirements/rasa.in
	.venv/app/bin/python $(COMPILE) -o requirements/encoder.txt requirements/encoder.in
	sed -i 's/^\(torch==[0-9.]*\)+.*/\1/' requirements/encoder.txt  # 2.13.0+cpu is what one index calls it
