/** The rows of a control plane in a recipe and what kubeadm's own files say: the same holder, signer, usages, names and life. */
import test from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { issueTexts, issueWorld } from '../../../src/pki/ca/issue.ts';
import { completeCluster } from '../../../src/pki/kubeadm/folder.ts';
import { ClusterReading } from '../../../src/pki/kubeadm/reading.ts';
import { controlPlaneRows, renewedRows } from '../../../src/pki/kubeadm/recipe.ts';
import { certificateFile, clusterOf, kubeadmCertificates } from '../../../src/pki/kubeadm/certificates.ts';
import { parseRecipe } from '../../../src/pki/ca/recipe-schema.ts';
import { isIssuedBy } from '../../../src/pki/x509/verify.ts';
import { issuing } from '../support/cluster.ts';

function certificateIn(pem: string): Certificate {
  const step = readCertificate(pemCertificates(pem)[0] ?? new Uint8Array(0));
  if ('got' in step) return step.got;
  throw new Error('no certificate');
}

const facts = (certificate: Certificate): object => ({
  subject: certificate.subject.attributes.map(({ type, value }) => `${type}=${value}`),
  issuer: certificate.issuer.text,
  usage: certificate.keyUsage,
  extended: certificate.extendedKeyUsage,
  isCa: certificate.basicConstraints?.isCa ?? false,
  names: certificate.subjectAlternativeNames?.map(({ kind, value }) => `${kind}:${value}`) ?? [],
  days: Math.round((certificate.notAfter - certificate.notBefore) / 86_400_000),
});

test('a recipe’s control plane says what kubeadm’s files say', (t) => {
  const cluster = clusterOf({ node: 'cp1' });
  const world = issueWorld({ certificates: controlPlaneRows({ node: 'cp1' }) }, { clock: systemClock });
  const nothing = new ClusterReading(
    { files: new Map(), kubeconfigs: [], where: (path) => path, reference: (_, file) => file },
    undefined,
  );
  const { files } = completeCluster(nothing, cluster, issuing);
  for (const row of kubeadmCertificates) {
    const text = files.find(({ path }) => path === certificateFile(row))?.text ?? '';
    t.deepEqual(facts(certificateIn(world.certificate(row.name))), facts(certificateIn(text)), row.name);
  }
  for (const { path, text } of files.filter((file) => file.path.endsWith('.conf'))) {
    const data = /client-certificate-data: (\S+)/.exec(text)?.[1] ?? '';
    t.deepEqual(
      facts(certificateIn(world.certificate(path))),
      facts(certificateIn(Buffer.from(data, 'base64').toString())),
      path,
    );
    t.true(isIssuedBy(certificateIn(world.certificate(path)), certificateIn(world.certificate('ca'))), path);
  }
  t.is(world.names.length, kubeadmCertificates.length + 5);
});

test('a cluster that was made a year and a day ago: what a CA signed ended yesterday, the CAs did not; what is renewed begins now', (t) => {
  const recipe = parseRecipe(
    { controlPlane: { node: 'cp1', madeDaysAgo: 366, renewed: true }, certificates: {} },
    'r.yaml',
  );
  const made = issueTexts(recipe, { clock: systemClock });
  const now = systemClock.now();
  const day = 86_400_000;
  for (const { name } of made.rows) {
    const { notBefore, notAfter, basicConstraints } = certificateIn(made.texts[`${name}.crt`] ?? '');
    const [begins, ends] = name.startsWith('renewed-')
      ? [0, 365]
      : [-366, basicConstraints?.isCa ? 3284 : -1];
    t.true(Math.abs(notBefore + 300_000 - now - begins * day) < 60_000, name);
    t.true(Math.abs(notAfter - now - ends * day) < 60_000, name);
  }
  // A world is not made anew for what has expired on purpose.
  t.true(made.freshUntil > now + 300 * day);
});

test('what is renewed is what kubeadm renews: neither CAs nor what the kubelet renews itself', (t) => {
  const names = Object.keys(renewedRows()).map((name) => name.replace('renewed-', ''));
  t.deepEqual(
    Object.keys(controlPlaneRows()).filter((name) => !names.includes(name)),
    ['ca', 'front-proxy-ca', 'etcd-ca', 'kubelet.conf'],
  );
});
