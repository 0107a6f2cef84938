import test from 'ava';
import { shown } from '../../../src/features/control-plane-files/shown.ts';
import { reportOf, shownBy } from '../support/reports.ts';

test('of settings the CAs come first: which flag names one, has its key, or shows what it has signed', (t) => {
  const flag = (name: string, file: string, rest: object) =>
    ({ process: 'kube-controller-manager', flag: name, file, ...rest }) as never;
  const report = reportOf('admin', {
    kind: 'flags',
    flags: [
      flag('root-ca-file', 'pki/ca.crt', { kind: 'ca', commonName: 'kubernetes', signer: 'pki/ca.crt' }),
      flag('cluster-signing-key-file', 'pki/ca.key', {
        kind: 'key',
        commonName: 'kubernetes',
        signer: 'pki/ca.crt',
      }),
      flag('kubeconfig', 'c.conf', { kind: 'kubeconfig', commonName: 'c', signer: 'pki/ca.crt' }),
      flag('service-account-private-key-file', 'pki/sa.key', { kind: 'key' }),
    ],
  });
  const { statements } = shownBy(shown, report, (own, report) => own.outcome?.(report));
  t.deepEqual(
    statements.slice(0, 4).map(({ text }) => text.en),
    [
      'kube-controller-manager:',
      'pki/ca.crt named by root-ca-file; its KEY by cluster-signing-key-file; has signed kubeconfig',
      'no CA: service-account-private-key-file',
      'kube-controller-manager, flag by flag:',
    ],
  );
});

test('of a manifest without a flag the line is shown as it stood, and what became of the process', (t) => {
  const line = '--kubelet-client-certificate=/etc/kubernetes/pki/apiserver-kubelet-client.crt';
  const said = (without: readonly string[]): readonly string[] =>
    shownBy(
      shown,
      reportOf('admin', { kind: 'manifest', process: 'kube-apiserver', without, state: 'running' }),
      (own, report) => own.outcome?.(report),
    ).statements.map(({ text }) => text.en);
  t.deepEqual(said([line]), [line, 'kube-apiserver has started without it']);
  t.deepEqual(said([]), ['kube-apiserver has started with every flag']);
});

test('of processes that were restarted with other files, what they show and whom they trust is said', (t) => {
  const report = reportOf('admin', {
    kind: 'papers',
    about: 'dates',
    papers: [
      {
        file: 'pki/new-apiserver.crt',
        commonName: 'kube-apiserver',
        organizations: [],
        signer: 'pki/new-ca.crt',
        uses: ['server'],
        names: [],
        days: 365,
        until: '2027-01-01T00:00:00Z',
        ended: false,
      },
    ],
    named: [
      { process: 'kube-apiserver', setting: 'shows', files: ['pki/new-apiserver.crt'] },
      { process: 'kube-apiserver', setting: '--client-ca-file', files: ['pki/ca.crt', 'pki/new-ca.crt'] },
      { process: 'kubelet', setting: 'trusts', files: ['pki/new-ca.crt'] },
    ],
  });
  const { statements } = shownBy(shown, report, (own, report) => own.outcome?.(report));
  t.deepEqual(
    statements.map(({ text }) => text.en),
    [
      'kube-apiserver shows pki/new-apiserver.crt, signed by pki/new-ca.crt',
      'kube-apiserver --client-ca-file pki/ca.crt + pki/new-ca.crt',
      'kubelet trusts pki/new-ca.crt',
    ],
  );
});

test('foreign output cannot move the cursor', (t) => {
  const evil = '\u001b[2J\u202e';
  const report = reportOf('w', {
    kind: 'certificate',
    subject: evil,
    issuer: evil,
    serial: '',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '',
  });
  const { statements } = shownBy(shown, report, (own, report) => own.outcome?.(report));
  t.is(statements.length, 1);
  for (const { text } of statements)
    for (const said of [text.en, text.ko]) t.notRegex(said, /[\u0000-\u001f\u202e]/);
});
