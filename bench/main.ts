/**
 * `make bench`: measures side by side, and writes the tables into bench/README.md, the figures into bench/results.json and the
 * plots into bench/plots/. Ratios of interleaved rounds within one run are what counts; absolute figures belong to the machine
 * that printed them. `node dist/bench/main.js NAME ...` measures some sections only, and prints them.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, type } from 'node:os';
import { benchChains } from './chains.ts';
import { benchEtcd } from './kube/etcd.ts';
import { buildGenerator } from './generator.ts';
import { benchInspect } from './inspect/inspect.ts';
import { benchView } from './inspect/view.ts';
import { benchKube } from './kube/kube.ts';
import { benchPage } from './page.ts';
import { plotSvg } from './plot.ts';
import { benchCrowd } from './relay/crowd.ts';
import { benchProve } from './relay/prove.ts';
import { benchOtherLoads } from './relay/other-loads.ts';
import { benchRefusals } from './relay/refusals.ts';
import { benchRelays } from './relay/relay.ts';
import { resultsIn } from './report.ts';
import { benchAudience } from './screen/audience.ts';
import { benchScreen } from './screen/screen.ts';
import type { Section } from './section.ts';
import { benchStartup } from './startup.ts';
import { benchSteps } from './screen/steps.ts';

const rounds = 5;
const note = (text: string): void => void process.stderr.write(`${text}\n`);
const whole = /./;

const sections: Readonly<
  Record<string, { readonly load?: true; readonly run: () => Section | Promise<Section> }>
> = {
  startup: { run: benchStartup },
  relays: { load: true, run: async () => benchRelays({ rounds, who: whole, rows: whole, note }) },
  refusals: { load: true, run: benchRefusals },
  crowd: { load: true, run: async () => benchCrowd(note) },
  prove: { run: benchProve },
  inspect: { run: async () => benchInspect(rounds) },
  chains: { run: benchChains },
  screen: { run: benchScreen },
  steps: { run: benchSteps },
  audience: { run: benchAudience },
  page: { run: benchPage },
  view: { run: benchView },
  kube: { run: benchKube },
  etcd: { run: benchEtcd },
};

const chosen = process.argv.slice(2);
for (const name of chosen)
  if (!Object.hasOwn(sections, name)) throw new Error(`no section is called ${name}`);

const problem = buildGenerator();
const taken: Record<string, Section> = {};
const failures: string[] = [];
for (const [name, { load, run }] of Object.entries(sections)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const from = performance.now();
  try {
    if (load && problem !== undefined) {
      note(`${name}: not measured: ${problem}`);
      taken[name] =
        name === 'relays'
          ? await benchOtherLoads(problem, rounds)
          : { lines: [`## ${name}`, '', `Not measured: ${problem}.`], data: { problem } };
    } else {
      const section = await run();
      taken[name] = section;
      for (const failure of section.failures ?? []) failures.push(`${name}: ${failure}`);
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    failures.push(`${name}: ${text}`);
    taken[name] = { lines: [`## ${name}`, '', `**Failed**: ${text}`], data: { failure: text } };
  }
  note(`${name}: ${((performance.now() - from) / 1000).toFixed(0)} s`);
}

const machine = {
  processors: cpus().length,
  model: cpus()[0]?.model.trim() ?? 'unknown processor',
  system: `${type()} ${release()}`,
  node: process.version,
  openssl: process.versions.openssl,
  date: new Date().toISOString().slice(0, 10),
};
const lines = [
  `- machine: ${machine.processors} × ${machine.model}, ${machine.system}`,
  `- versions: Node ${machine.node}, OpenSSL ${machine.openssl}`,
  `- date: ${machine.date}`,
  ...Object.values(taken).flatMap((section) => [
    '',
    ...section.lines,
    ...(section.plots ?? []).flatMap(({ name, title }) => ['', `![${title}](plots/${name}.svg)`]),
  ]),
];
if (chosen.length === 0) {
  mkdirSync('bench/plots', { recursive: true });
  for (const section of Object.values(taken))
    for (const plot of section.plots ?? []) writeFileSync(`bench/plots/${plot.name}.svg`, plotSvg(plot));
  const data = Object.fromEntries(Object.entries(taken).map(([name, section]) => [name, section.data]));
  writeFileSync('bench/results.json', `${JSON.stringify({ machine, sections: data }, null, 1)}\n`);
  writeFileSync('bench/README.md', resultsIn(readFileSync('bench/README.md', 'utf8'), lines));
}
process.stdout.write(`${lines.join('\n')}\n`);
for (const failure of failures) note(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
