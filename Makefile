# Everything one types in this checkout. `make run` and `make test` prepare what they need by themselves.
PORT ?= 8000
python := .venv/bin/python
compile := .venv/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
rules := $(wildcard tiers/permissions.py tiers/scope.py pengaduan/record.py pengaduan/scanning.py \
	reports/queries.py reports/pages/behind.py $(addprefix reports/figures/,sums.py tallies.py prominent.py recurring.py lives.py hidden.py unchanged.py villages.py) \
	config/embedded.py config/servers.py \
	$(addprefix workflow/,calendar.py machine.py sla.py routing.py notices.py needs.py gate.py taking.py delivery.py \
	actions/*.py intake.py escalation.py scans.py warnings.py levels.py))
export PORT

.PHONY: run setup setup-run test check check-django bench seed-demo css messages requirements

run: setup-run        ## start Pengaduan on http://127.0.0.1:$PORT; Ctrl-C stops it
	@$(python) -m config.run

setup-run:
	@deploy/prepare.sh run

setup:                ## .venv with everything for work, checks and tests
	@deploy/prepare.sh test

test: setup           ## all tests, on all cores; a file stays on one of them
	@$(python) -m pytest -n auto --dist loadfile $(PYTEST)

check: setup          ## what the code promises besides its tests: form, order of the apps, types, translations
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-logo --cache-dir var/imports
	.venv/bin/djlint --lint --quiet templates
	$(python) -m config.rules --check
	@$(python) -m config.embedded $(MAKE) --no-print-directory check-django

check-django:         ## the part of `make check` that needs the servers
	$(python) manage.py check --fail-level WARNING
	$(python) manage.py makemigrations --check --dry-run
	$(python) manage.py lifecycle_diagram --check
	$(python) -m config.translations
	.venv/bin/mypy $(rules)

bench: setup          ## measure against the budgets, on as many complaints as BENCH names
	@$(python) -m bench $(BENCH)

seed-demo: setup-run  ## regions, programmes and a lively data set, without starting anything
	@$(python) -m config.embedded bash -c '$(python) manage.py migrate -v 0 && $(python) manage.py seed && $(python) manage.py demo && $(python) manage.py publish_statistics'

css:                  ## build static/css from assets/; needs Node
	npm ci --silent
	npm run --silent css

messages: setup       ## collect the texts to translate, and compile the translations
	$(python) manage.py makemessages --locale en --no-obsolete --no-wrap --add-location file --ignore .venv \
		--ignore node_modules --ignore var --ignore tests
	$(python) manage.py compilemessages --locale en --locale id --ignore .venv --ignore node_modules

requirements: setup   ## pin requirements*.in anew
	$(compile) --upgrade --output-file requirements.txt requirements.in
	$(compile) --upgrade --output-file requirements-dev.txt requirements-dev.in
