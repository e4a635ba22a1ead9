# Tutti in two commands, on a Debian 12 machine with nothing but git and make: `make serve` plays, `make test` tests.
# Each first installs what is missing. Everything else goes through Meson; see CONTRIBUTING.md.
.PHONY: build serve test setup format clean

# The program, optimized, at build/tutti.
build:
	@tools/setup.sh run
	@test -f build/build.ninja || meson setup -Dtests=false build
	@ninja -C build --quiet
	@ln -sf src/cmd/tutti build/tutti

# Endless music in the browser, at the address that it prints. OPTIONS="--port 9000" and the like reach the program.
serve: build
	@exec build/tutti serve $(OPTIONS)

# Every test; STAGES="lint asan" runs only those (tools/test.py --help lists them).
test:
	@tools/setup.sh test
	@tools/test.py $(STAGES)

setup:
	@tools/setup.sh test

format:
	@find src tests fuzz bench -name '*.[ch]' 2>/dev/null | xargs clang-format -i

clean:
	@rm -rf build build-test
