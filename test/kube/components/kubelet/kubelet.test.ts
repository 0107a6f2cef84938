/** A kubelet against the API server: how it gets its certificate and keeps it, what it says of its node and pods, and who is refused. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import test from 'ava';
import { CaptureLog } from '../../../../src/capture/log.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { startKubelet } from '../../../../src/kube/components/kubelet/kubelet.ts';
import { listAt, textAt } from '../../../../src/kube/objects/json.ts';
import { world } from '../../support/control-plane.ts';
import { ca, callAs, isRunning, pod, pods, Reports, startWhole, temporaryFolder } from '../support/whole.ts';

const minute = 60_000;

test.serial('with a token it gets a certificate, registers its node, and says that pods run', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const whole = await startWhole(t, { kubelet: { tap: { log, hop: 'E' } } });
  const { reports, answers } = whole;
  t.like(await reports.next('certificate'), {
    purpose: 'client',
    subject: 'O=system:nodes,CN=system:node:n1',
  });
  await reports.next('registered');
  const node = await whole.until('nodes', 'n1', (object) => object !== undefined);
  t.like(node, {
    status: {
      nodeInfo: { kubeletVersion: 'v1.32.3+wirelab' },
      daemonEndpoints: { kubeletEndpoint: { Port: whole.controlPlane.kubeletAddress?.port } },
    },
  });
  await whole.ask('POST', pods, pod('web'));
  const running = await whole.until('pods', 'web', isRunning);
  t.like(running, {
    spec: { nodeName: 'n1' },
    status: {
      podIP: '10.244.0.2',
      hostIP: '127.0.0.1',
      message: 'wirelab runs no containers: what this kubelet says of them is only said',
    },
  });
  await reports.next('token');
  t.deepEqual(
    [
      ...new Set(
        answers.flatMap(({ user }) => (user && /node:|bootstrap:/.test(user.name) ? [user.name] : [])),
      ),
    ],
    ['system:bootstrap:abcdef', 'system:node:n1'],
  );
  // With the token it asks for its certificate and for nothing else.
  t.deepEqual(
    [
      ...new Set(
        answers
          .filter(({ user }) => user?.name.startsWith('system:bootstrap:'))
          .map(({ target }) => target.split('?')[0]),
      ),
    ],
    ['/apis/certificates.k8s.io/v1/certificatesigningrequests'],
  );
  t.true(log.events.some((event) => event.type === 'opened' && event.hop === 'E'));
});

test.serial('what comes to its end by itself is done, and says what it was told to say', async (t) => {
  const whole = await startWhole(t);
  await whole.ask(
    'POST',
    pods,
    pod('say', {
      restartPolicy: 'Never',
      containers: [{ name: 'say', image: 'busybox', command: ['echo', 'hello', 'there'] }],
    }),
  );
  const done = await whole.until(
    'pods',
    'say',
    (object) => textAt(object, 'status', 'phase') === 'Succeeded',
  );
  t.is(textAt(listAt(done, 'status', 'containerStatuses')[0], 'state', 'terminated', 'reason'), 'Completed');
  t.deepEqual(
    await callAs(
      whole.controlPlane.kubeletAddress?.port ?? 0,
      'GET',
      '/containerLogs/default/say/say?follow=true',
      { identity: world.identity('admin.conf') },
    ),
    { code: 200, text: 'hello there\n' },
  );
});

test.serial(
  'before its certificate ends it asks for another one, with a new key; the old connections end',
  async (t) => {
    const folder = temporaryFolder(t);
    const whole = await startWhole(t, {
      controllerManager: { signingDuration: 3600 },
      kubelet: { folder, every: 100 },
    });
    const { reports, clock } = whole;
    await reports.next('registered');
    const link = join(folder, 'pki', 'kubelet-client-current.pem');
    const before = readFileSync(link, 'utf8');
    const conf = readFileSync(join(folder, 'kubelet.conf'), 'utf8');
    clock.move(55 * minute);
    await reports.next('certificate', () => reports.of('certificate').length === 2);
    await whole.ask('POST', pods, pod('late'));
    await whole.until('pods', 'late', isRunning);
    const after = readFileSync(link, 'utf8');
    const keyOf = (text: string): string => text.slice(text.indexOf('-----BEGIN EC'));
    t.not(keyOf(after), keyOf(before));
    t.regex(readlinkSync(link), /^kubelet-client-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\.pem$/);
    t.is(readdirSync(join(folder, 'pki')).filter((name) => /^kubelet-client-\d/.test(name)).length, 2);
    t.is(statSync(link).mode & 0o777, 0o600);
    // It points to the link, and so is the same after a rotation.
    t.is(readFileSync(join(folder, 'kubelet.conf'), 'utf8'), conf);
    t.true(conf.includes(`server: https://127.0.0.1:${whole.controlPlane.address.port}\n`));
    t.regex(conf, /client-certificate: ".*\/pki\/kubelet-client-current\.pem"/);
    const requestors = whole.answers
      .filter(({ method, target }) => method === 'POST' && target.endsWith('/certificatesigningrequests'))
      .map(({ user }) => user?.name);
    t.deepEqual(requestors, ['system:bootstrap:abcdef', 'system:node:n1']);
    const watches = whole.answers.filter(
      ({ target, user }) =>
        user?.name === 'system:node:n1' &&
        target.startsWith('/api/v1/pods?') &&
        target.includes('watch=true'),
    );
    t.is(watches.length, 2);
  },
);

test.serial('a certificate that was kept is used again, without a token', async (t) => {
  const folder = temporaryFolder(t);
  const first = await startWhole(t, { kubelet: { folder } });
  await first.reports.next('registered');
  await first.controlPlane.close(0);
  const again = await startWhole(t, { bootstrapTokens: [], kubelet: { folder } });
  await again.reports.next('registered');
  t.deepEqual(again.reports.of('requested'), []);
});

test.serial('a wrong token is told 401, and asks on', async (t) => {
  const whole = await startWhole(t, { kubelet: { bootstrapToken: 'abcdef.aaaaaaaaaaaaaaaa' } });
  t.like(await whole.reports.next('disconnected', () => whole.reports.of('disconnected').length > 1), {
    code: 'Unauthorized',
    message: 'Unauthorized',
  });
  t.deepEqual(whole.reports.of('certificate'), []);
  t.is(await whole.until('nodes', 'n1', (object) => object === undefined), undefined);
});

test.serial('a certificate that has ended and no token: it says so, is told 401, and asks on', async (t) => {
  const folder = temporaryFolder(t);
  const first = await startWhole(t, {
    scheduler: false,
    controllerManager: { signingDuration: 3600 },
    kubelet: { folder, every: 100 },
  });
  await first.reports.next('registered');
  await first.controlPlane.close(0);
  const whole = await startWhole(t, { scheduler: false, kubelet: false });
  whole.clock.move(120 * minute);
  const ending = new AbortController();
  const reports = new Reports();
  const { clock, controlPlane } = whole;
  const kubelet = startKubelet(
    {
      to: controlPlane.address,
      node: 'n1',
      folder,
      authorities: [ca],
      clientAuthorities: [ca],
      clock,
      random: randomBytes,
      every: 50,
      retry: 10,
      onReport: reports.add,
    },
    ending.signal,
  );
  const { notAfter } = await reports.next('expired');
  t.true(notAfter < clock.now());
  await reports.next('disconnected', () => reports.of('disconnected').length > 2);
  t.true(
    reports
      .of('disconnected')
      .every(({ code, message }) => code === 'Unauthorized' && message === 'Unauthorized'),
  );
  t.is(reports.of('expired').length, 1);
  t.true(whole.answers.some(({ rejected }) => rejected?.reason === 'certificate_expired'));
  ending.abort();
  await kubelet;
});

test.serial('a kubelet’s own name is its certificate’s: another node’s it may not claim', async (t) => {
  const folder = temporaryFolder(t);
  const first = await startWhole(t, { kubelet: { folder } });
  await first.reports.next('registered');
  await first.controlPlane.close(0);
  const whole = await startWhole(t, { kubelet: { folder, node: 'n2' } });
  const refused = await whole.reports.next('refused');
  t.deepEqual(refused, {
    what: 'refused',
    name: 'n2',
    message: 'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
  });
  t.is(await whole.until('nodes', 'n2', (object) => object === undefined), undefined);
});

test.serial('a certificate that has ended is no proof: it asks with its token again', async (t) => {
  const whole = await startWhole(t, {
    controllerManager: { signingDuration: 3600 },
    kubelet: { every: 100 },
  });
  await whole.reports.next('registered');
  whole.clock.move(120 * minute);
  await whole.reports.next('certificate', () => whole.reports.of('certificate').length === 2);
  const requestors = whole.answers
    .filter(({ method, target }) => method === 'POST' && target.endsWith('/certificatesigningrequests'))
    .map(({ user }) => user?.name);
  t.deepEqual(requestors, ['system:bootstrap:abcdef', 'system:bootstrap:abcdef']);
  t.deepEqual(whole.reports.of('expired'), []);
});

test.serial('what is to be deleted is deleted by it, and its log ends', async (t) => {
  const whole = await startWhole(t);
  await whole.ask('POST', pods, pod('web'));
  await whole.until('pods', 'web', isRunning);
  const port = whole.controlPlane.kubeletAddress?.port ?? 0;
  let begun = (): void => {};
  const reading = new Promise<void>((resolve) => (begun = resolve));
  const log = callAs(port, 'GET', '/containerLogs/default/web/web?follow=true&tailLines=1&timestamps=true', {
    identity: world.identity('admin.conf'),
    onText: begun,
  });
  await reading;
  await whole.ask('DELETE', `${pods}/web`);
  await whole.until('pods', 'web', (object) => object === undefined);
  await whole.answered(
    ({ method, target, user, code }) =>
      method === 'DELETE' && target === `${pods}/web` && user?.name === 'system:node:n1' && code === 200,
  );
  t.regex((await log).text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z said to be started at \S+Z\n$/);
  t.like(await whole.reports.next('removed'), { pod: 'default/web' });
  t.is(
    (await callAs(port, 'GET', '/containerLogs/default/web/web', { identity: world.identity('admin.conf') }))
      .text,
    'pod "web" does not exist\n',
  );
});

test.serial('its own server’s certificate is by a CA of its own, for its name alone', async (t) => {
  const whole = await startWhole(t, { scheduler: false });
  const chain = await new Promise<{ subject: string; issuer: string; names: string }>((resolve, reject) => {
    const socket = connectTls(
      { host: '127.0.0.1', port: whole.controlPlane.kubeletAddress?.port ?? 0, rejectUnauthorized: false },
      () => {
        const { subject, issuer, subjectaltname = '' } = socket.getPeerCertificate();
        socket.destroy();
        resolve({ subject: String(subject.CN), issuer: String(issuer.CN), names: subjectaltname });
      },
    );
    socket.on('error', reject);
  });
  const [, seconds = ''] = /^n1@(\d+)$/.exec(chain.subject) ?? [];
  t.not(seconds, '');
  t.deepEqual(chain, { subject: `n1@${seconds}`, issuer: `n1-ca@${seconds}`, names: 'DNS:n1' });
});

test.serial(
  'a serving certificate that is asked for is shown when somebody has approved it, and until then every handshake ends',
  async (t) => {
    const whole = await startWhole(t, { scheduler: false, kubelet: { serving: 'requested', every: 100 } });
    const asked = await whole.reports.next(
      'requested',
      ({ signerName }) => signerName === 'kubernetes.io/kubelet-serving',
    );
    t.like(whole.reports.of('listening')[0], { shows: 'nothing' });
    const port = whole.controlPlane.kubeletAddress?.port ?? 0;
    await t.throwsAsync(callAs(port, 'GET', '/healthz', { identity: world.identity('admin.conf') }), {
      message: /internal error/,
    });
    const path = `/apis/certificates.k8s.io/v1/certificatesigningrequests/${asked.name}`;
    const request = await whole.ask('GET', path);
    t.deepEqual(listAt(request, 'status', 'conditions'), []);
    await whole.ask('PUT', `${path}/approval`, {
      ...request,
      status: {
        conditions: [{ type: 'Approved', status: 'True', reason: 'Test', message: 'a person did it' }],
      },
    });
    await whole.reports.next('certificate', ({ purpose }) => purpose === 'serving');
    t.deepEqual(await callAs(port, 'GET', '/healthz', { identity: world.identity('admin.conf'), ca }), {
      code: 200,
      text: 'ok',
    });
  },
);
