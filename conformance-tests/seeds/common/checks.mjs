// The checks of the JavaScript programs; the output format is that of checks.py.

/** JSON with sorted keys, so that values from another realm compare by content. */
export function canonical(value) {
  return JSON.stringify(value, (_key, v) =>
    v && typeof v === 'object' && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v);
}

/** Waits a number of milliseconds. */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Polls until `test` is true or the time is up; tells whether it became true. */
export async function until(test, ms = 5000) {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    if (await test()) return true;
    await sleep(20);
  }
  return Boolean(await test());
}

export class Checks {
  constructor() {
    this.count = 0;
    this.failed = 0;
    this.group = '';
  }

  report(name, passed, detail = '') {
    this.count += 1;
    const label = this.group ? `${this.group}: ${name}` : name;
    if (passed) console.log(`ok ${label}`);
    else {
      this.failed += 1;
      console.log(`not ok ${label} -- ${JSON.stringify(String(detail).slice(0, 600))}`);
    }
    return passed;
  }

  eq(name, got, want) {
    const [a, b] = [canonical(got), canonical(want)];
    return this.report(name, a === b, `got ${a}, want ${b}`);
  }

  true(name, condition, detail = 'condition is false') {
    return this.report(name, Boolean(condition), detail);
  }

  /** Every key of `want` must be in `got` with the same value. */
  has(name, got, want) {
    for (const [key, value] of Object.entries(want)) {
      if (canonical(got?.[key]) !== canonical(value)) {
        return this.report(name, false, `${key} is ${canonical(got?.[key])}, want ${canonical(value)}`);
      }
    }
    return this.report(name, true);
  }

  /** The call must reject with the SDK's exception: this HTTP status, error type and (if given) text. */
  async fails(name, code, type, call, message) {
    let answer;
    try {
      answer = await call();
    } catch (error) {
      if (error?.code !== code || error?.type !== type) {
        return this.report(name, false, `got ${error?.code} ${error?.type} ${error?.message ?? error}, want ${code} ${type}`);
      }
      if (message !== undefined && message !== error.message) {
        return this.report(name, false, `text ${error.message}, want ${message}`);
      }
      return this.report(name, true);
    }
    return this.report(name, false, `succeeded with ${canonical(answer)}, want ${code} ${type}`);
  }

  /** A group of checks: an exception inside is one failed check, the next group still runs. */
  async section(group, body) {
    const before = this.group;
    this.group = group;
    try {
      await body();
    } catch (error) {
      const line = /(seed\d\/[\w.]+:\d+)/.exec(error?.stack ?? '')?.[1] ?? '';
      this.report('runs to its end', false, `${error?.code ?? ''} ${error?.type ?? error?.name ?? ''} ${error?.message ?? error} ${line}`);
    } finally {
      this.group = before;
    }
  }

  /** Prints the plan and leaves; open sockets do not hold the program. */
  finish() {
    console.log(`1..${this.count}`);
    process.exit(this.failed ? 1 : 0);
  }
}

/** What the runner tells every program. */
export const env = {
  endpoint: process.env.FERRITE_ENDPOINT,
  project: process.env.FERRITE_PROJECT,
  key: process.env.FERRITE_KEY,
  data: process.env.FERRITE_DATA,
};
