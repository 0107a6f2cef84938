/**
 * Judges what a task requires of the admission webhooks of a lab's cluster: by creating objects there, as a trial, and by a
 * handshake with the webhook itself. Which way leads to it does not matter: by the Service or a URL, with the CA of the lab or
 * another one.
 *
 * 1. What the API server says is quoted: it names the reason.
 * 2. Nothing is left behind: the trials are dry runs, for which a webhook is asked all the same.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { sameBytes } from '../../core/bytes.ts';
import { josa } from '../../i18n/josa.ts';
import type { Localized } from '../../i18n/language.ts';
import { features } from '../../features/registry.ts';
import { listAt, textAt, valueAt } from '../../kube/objects/json.ts';
import type { KubeObject } from '../../kube/objects/objects.ts';
import { resources, apiVersionOf } from '../../kube/apiserver/resources.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { goRefusal } from '../../pki/x509/go-verification.ts';
import { isoTime, readCertificate } from '../../protocols/x509/certificate.ts';
import { dial } from '../../wire/dial.ts';
import { askUp } from '../hold/claim.ts';
import type { UpAnswer } from '../hold/claim.ts';
import { examinersRequest } from '../hold/control-plane-files.ts';
import { planScenario } from '../../engine/planning.ts';
import { learnersScenario } from '../learner.ts';
import type { TaskFile } from '../lab.ts';
import { FileError, withOwnFiles } from '../own-files.ts';
import { missed } from './claims.ts';
import type { Judged } from './claims.ts';
import type { ClusterExaminer } from './cluster-examiner.ts';
import { Unanswered } from './lab-api-client.ts';

type Claim = NonNullable<TaskFile['cluster']>[number];
type Guards = Extract<Claim, { guards: unknown }>['guards'];
type Admits = Extract<Claim, { admits: unknown }>['admits'];

const configurationsPath = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

/** What became of a trial. */
interface Trial {
  readonly isCreated: boolean;
  readonly message: string;
  /** `pods/web`. */
  readonly what: string;
}

async function tried(examiner: ClusterExaminer, manifest: string): Promise<Trial> {
  const plan: object = planScenario(features, await learnersScenario(examiner.options.lab, undefined));
  const found = valueAt(plan, 'manifests', manifest, 'object');
  if (found === undefined) throw new Error(`${manifest} is no object`);
  const object = found as KubeObject;
  const type = resources.find((row) => row.kind === object.kind && apiVersionOf(row) === object.apiVersion);
  if (!type) throw new Error(`${manifest} is of no known kind`);
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const { name, namespace } = object.metadata;
  const scope = type.namespaced ? `/namespaces/${namespace ?? 'default'}` : '';
  // A name that the learner has not used.
  const own = { ...object, metadata: { ...object.metadata, name: `${examinersRequest}${name}` } };
  const { status, body } = await examiner.askAsLab('POST', `${root}${scope}/${type.plural}?dryRun=All`, own);
  return { isCreated: status === 201, message: textAt(body, 'message'), what: `${type.plural}/${name}` };
}

/** Of the running lab: what has failed open so far, of a check's trials. */
const failedOpen = async ({ options }: ClusterExaminer): Promise<UpAnswer['failedOpen']> =>
  (await askUp(options.folder))?.answer?.failedOpen;

/** An object can be created, every webhook that it concerns is asked, and none leads to a Service that is not there. */
export async function judgeAdmitted(examiner: ClusterExaminer, { manifest }: Admits): Promise<Judged> {
  const before = await failedOpen(examiner);
  const { isCreated, message, what } = await tried(examiner, manifest);
  if (!isCreated) return cannotCreate(what, message);
  const lost = await lostWebhook(examiner);
  if (lost)
    return missed(
      'not_met',
      {
        en: `the configuration ${lost.configuration} still has a webhook of the Service ${lost.service}, which does not exist`,
        ko: `구성 ${lost.configuration}에, 없어진 서비스 ${lost.service}의 웹훅이 아직 남아 있습니다`,
      },
      {
        expected: {
          en: 'no webhook that leads nowhere',
          ko: '없는 서비스를 호출하는 웹훅이 남아 있지 않을 것',
        },
        received: lost.webhook,
      },
    );
  const after = await failedOpen(examiner);
  if (after && after.count > (before?.count ?? 0))
    return missed(
      'not_met',
      {
        en: `${what} can be created, but the API server still calls the webhook ${after.webhook}, and in vain`,
        ko: `${what}: 만들 수는 있지만, API 서버가 아직 웹훅 ${josa(after.webhook, '을/를')} 헛되이 호출합니다`,
      },
      {
        expected: { en: 'no webhook that leads nowhere', ko: '갈 곳이 없는 웹훅이 남아 있지 않은 상태' },
        received: 'failurePolicy: Ignore',
      },
    );
  return {
    says: { en: `${what} can be created again`, ko: `${what}: 다시 만들 수 있습니다` },
  };
}

/** A webhook whose Service is missing. */
async function lostWebhook(
  examiner: ClusterExaminer,
): Promise<
  { readonly configuration: string; readonly webhook: string; readonly service: string } | undefined
> {
  for (const configuration of await examiner.list(configurationsPath))
    for (const webhook of listAt(configuration, 'webhooks')) {
      const [namespace, name] = ['namespace', 'name'].map((field) =>
        textAt(webhook, 'clientConfig', 'service', field),
      ) as [string, string];
      if (name === '') continue;
      const { status } = await examiner.askAsLab('GET', `/api/v1/namespaces/${namespace}/services/${name}`);
      if (status !== 200 && status !== 404) throw new Unanswered();
      if (status === 404)
        return {
          configuration: textAt(configuration, 'metadata', 'name'),
          webhook: textAt(webhook, 'name'),
          service: `${namespace}/${name}`,
        };
    }
  return undefined;
}

const gone = (message: string): boolean => /^namespaces "[^"]+" not found$/.test(message);

const resetRemedy: Localized = {
  en: 'wirelab lab reset starts with a new cluster.',
  ko: 'wirelab lab reset을 실행하면 클러스터를 처음부터 다시 시작합니다.',
};

/** The API server's own words for what was in the way. */
function cannotCreate(what: string, message: string): Judged {
  const isUnasked = message.includes('failed calling webhook');
  return missed(
    isUnasked ? 'unverified' : 'refused',
    isUnasked
      ? {
          en: `${what} cannot be created: the API server could not ask a webhook`,
          ko: `${what}: API 서버가 웹훅을 호출하지 못해 만들 수 없습니다`,
        }
      : { en: `${what} cannot be created`, ko: `${what}: 만들 수 없습니다` },
    { received: message, ...(gone(message) ? { remedy: resetRemedy } : {}) },
  );
}

/** @param port where the webhook listens; 0 if it does not. */
export async function judgeGuard(
  examiner: ClusterExaminer,
  { webhook, allows, denies, failsClosed }: Guards,
  port: number,
): Promise<Judged> {
  await inStep(examiner, webhook, port);
  const allowed = await tried(examiner, allows);
  if (!allowed.isCreated) return cannotCreate(allowed.what, allowed.message);
  const denied = await tried(examiner, denies);
  if (denied.isCreated)
    return missed('admitted', {
      en: `${denied.what} was let in: the webhook ${webhook} was not asked, or could not be`,
      ko: `${denied.what}: 통과되었습니다. 웹훅 ${webhook}: 호출되지 않았거나 호출에 실패했습니다`,
    });
  const [, by] = /^admission webhook "([^"]+)" denied the request/.exec(denied.message) ?? [];
  if (by === undefined) return cannotCreate(denied.what, denied.message);
  if (failsClosed && !(await failsClosedNow(examiner, by)))
    return missed(
      'admitted',
      {
        en: `whenever ${by} cannot be asked, everything is let in unasked`,
        ko: `${by}: 호출에 실패하면 모두 그대로 통과됩니다`,
      },
      {
        expected: { en: 'failurePolicy: Fail', ko: 'failurePolicy: Fail' },
        received: 'failurePolicy: Ignore',
      },
    );
  return {
    says: {
      en: `${by} is asked, and denies what it should: ${denied.what}`,
      ko: `${by}: 호출되며, 막아야 할 것을 막습니다(${denied.what})`,
    },
  };
}

async function failsClosedNow(examiner: ClusterExaminer, name: string): Promise<boolean> {
  const own = (await examiner.list(configurationsPath)).flatMap((configuration) =>
    listAt(configuration, 'webhooks').filter((webhook) => textAt(webhook, 'name') === name),
  );
  return own.length > 0 && own.every((webhook) => textAt(webhook, 'failurePolicy') === 'Fail');
}

/** The certificate in the learner's file, DER; or what is wrong with it. */
function ownCertificate(
  { lab, folder, world }: ClusterExaminer['options'],
  name: string,
): Uint8Array | FileError {
  try {
    const own = withOwnFiles(world, { shown: new Set([name]), trusted: new Set() }, lab, folder);
    return pemCertificates(own.identity(name).certificate)[0] ?? new Uint8Array();
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
}

const looks = { most: 40, everyMs: 50 } as const;

/** What it presents, once it has read the learner's files as they are now; undefined if nothing listens. */
async function inStep(
  { options }: Pick<ClusterExaminer, 'options'>,
  name: string,
  port: number,
): Promise<readonly Uint8Array[] | undefined> {
  let shown: readonly Uint8Array[] | undefined;
  for (let look = 0; look < looks.most; look++) {
    const own = ownCertificate(options, name);
    shown = await presentedAt(options, port);
    const isSame = 'facts' in own ? !shown : shown?.[0] !== undefined && sameBytes(shown[0], own);
    if (isSame) return shown;
    await pause(looks.everyMs);
  }
  return shown;
}

async function presentedAt(
  { clock, signal }: ClusterExaminer['options'],
  port: number,
): Promise<readonly Uint8Array[] | undefined> {
  if (port === 0) return undefined;
  let chain: readonly Uint8Array[] = [];
  const dialed = await dial({
    security: 'tls',
    to: { host: '127.0.0.1', port },
    clock,
    verify: false,
    onPresented: (shown) => (chain = shown),
    ...(signal ? { signal } : {}),
  });
  if (dialed.outcome === 'failed') return undefined;
  dialed.stream.destroy();
  return chain;
}

/** What a webhook shows whoever calls it. @param port where it listens; 0 if it does not. */
export async function judgePresented(
  { options, cluster }: ClusterExaminer,
  name: string,
  port: number,
): Promise<Judged> {
  const { clock } = options;
  const own = ownCertificate(options, name);
  if ('facts' in own) return { reason: own.reason, facts: own.facts };
  const shown = await inStep({ options }, name, port);
  if (!shown) throw new Unanswered();
  const [namespace = '', service = ''] = cluster.webhooks?.[name]?.service.split('/') ?? [];
  const hostname = `${service}.${namespace}.svc`;
  const refusal = goRefusal({ chain: shown, roots: shown.slice(0, 1), hostname, at: clock.now() });
  const [leaf] = shown;
  const step = leaf && readCertificate(leaf);
  if (refusal !== undefined || !step || !('got' in step))
    return missed(
      'unverified',
      {
        en: `the certificate that ${name} presents is not valid for the server ${hostname} today`,
        ko: `${name}: 제시하는 인증서는 지금 ${hostname} 서버의 인증서로 쓸 수 없습니다`,
      },
      { expected: { en: hostname, ko: hostname }, received: refusal ?? '' },
    );
  const until = isoTime(step.got.notAfter).slice(0, 10);
  return {
    says: {
      en: `${name} presents a certificate for ${hostname}, valid until ${until}`,
      ko: `${name}: ${hostname} 인증서를 제시합니다(${until}까지 유효)`,
    },
  };
}
