/** What is claimed of flags and processes holds for what was read, and for nothing else. */
import test from 'ava';
import { flagNames, processState } from '../../../src/features/control-plane-files/manifest-expectations.ts';
import type {
  ManifestReport,
  NamedFile,
} from '../../../src/features/control-plane-files/manifest-observations.ts';
import type { PlannedStep } from '../../../src/engine/plan.ts';
import type { View } from '../../../src/engine/view.ts';

const step = { id: 'read', client: 'admin' } as PlannedStep;
const viewOf = (result?: unknown): View =>
  ({ reports: () => (result === undefined ? [] : [{ seq: 7, who: 'admin', result }]) }) as unknown as View;

const file: NamedFile = {
  process: 'etcd',
  flag: 'cert-file',
  kind: 'certificate',
  file: 'pki/etcd/server.crt',
  commonName: 'cp1',
  signer: 'pki/etcd/ca.crt',
};
const { kind: _, ...facts } = file;

test('names: each of file, holder and signer counts', (t) => {
  const judge = (asked: typeof facts, ...flags: readonly NamedFile[]): string =>
    flagNames.judge(asked, viewOf({ kind: 'flags', flags }), step).status;
  t.is(judge(facts, file), 'met');
  for (const other of [{ file: 'pki/apiserver.crt' }, { commonName: 'cp2' }, { signer: 'pki/ca.crt' }])
    t.is(judge({ ...facts, ...other }, file), 'missed', JSON.stringify(other));
  t.is(judge({ ...facts, flag: 'key-file' }, file), 'unobserved');
  t.is(judge({ ...facts, process: 'kubelet' }, file), 'unobserved');
  t.is(flagNames.judge(facts, viewOf(), step).status, 'unobserved');
  t.regex(flagNames.judge(facts, viewOf({ kind: 'flags', flags: [file] }), step).says.ko, /cp1/);
});

test('process: state, missing flags and last words count', (t) => {
  const report: ManifestReport = {
    process: 'kube-apiserver',
    without: ['--etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt'],
    state: 'ended',
    words: 'x509: certificate signed by unknown authority',
  };
  const asked = { state: 'ended' as const, without: ['etcd-cafile'], words: 'unknown authority' };
  const judge = (facts: Parameters<typeof processState.judge>[0], result?: ManifestReport): string =>
    processState.judge(facts, viewOf(result && { kind: 'manifest', ...result }), step).status;
  t.is(judge(asked, report), 'met');
  t.is(judge({ ...asked, state: 'running' }, report), 'missed');
  t.is(judge({ ...asked, without: [] }, report), 'missed');
  t.is(judge({ ...asked, without: ['etcd'] }, report), 'missed');
  t.is(judge({ ...asked, words: 'expired' }, report), 'missed');
  t.is(judge(asked), 'unobserved');
});
