/**
 * Implements `wirelab class certificates`, which a Job runs in a learner's namespace: makes the certificates and creates the
 * Secrets, as the account of its pod. Secrets that are there stay as they are: the Job may be run again.
 */
import { join } from 'node:path';
import { formatAddress } from '../../capture/event.ts';
import { systemClock } from '../../core/clock.ts';
import { readText } from '../../i18n/read-file.ts';
import { UserError } from '../../i18n/user-error.ts';
import { apiClient } from '../../kube/components/api-client.ts';
import { textAt } from '../../kube/objects/json.ts';
import { printTo } from '../certs/print.ts';
import type { Command } from '../command.ts';
import { optionsOnly } from '../io/options-only.ts';
import { namespacePrefix } from './learners.ts';
import { certificateSecrets, secretObject } from './secrets.ts';

const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';
const largest = 1024 * 1024;

export const certificates: Command = {
  summary: {
    en: 'make a learner’s certificates and keep them as Secrets; run by a Job in the cluster',
    ko: '수강생의 인증서를 만들어 Secret으로 저장합니다. 클러스터 안에서 Job이 실행합니다',
  },
  operands: '[--print]',
  options: {
    print: {
      help: {
        en: 'print the Secrets as YAML instead, with their private keys; in no pod: for podman kube play',
        ko: '파드 밖에서, 개인 키가 든 Secret을 YAML로 출력합니다(podman kube play용)',
      },
    },
    account: {
      value: 'DIR',
      help: {
        en: `the folder with token, namespace and ca.crt of the pod’s account (default: ${accountFolder})`,
        ko: `파드 계정의 token, namespace, ca.crt가 있는 폴더(기본값: ${accountFolder})`,
      },
    },
  },
  examples: [
    {
      line: 'wirelab class certificates',
      does: { en: 'in a pod of the namespace', ko: '네임스페이스의 파드 안에서' },
    },
    {
      line: './wirelab class certificates --print | podman kube play -',
      does: { en: 'on a machine with podman', ko: 'podman이 있는 컴퓨터에서' },
    },
  ],
  exits: {
    en: 'Exit codes: 0 the Secrets are there; 1 the cluster refused one; 2 error in the command, or not in a pod.',
    ko: '종료 코드: 0은 Secret이 있음, 1은 클러스터가 거부함, 2는 명령에 잘못이 있거나 파드 안이 아님.',
  },
  async run(parsed, environment) {
    optionsOnly(parsed, 'class certificates');
    if (parsed.flag('print')) {
      const { stringify } = await import('yaml');
      for (const secret of certificateSecrets('client', 'default', systemClock))
        environment.stdout.write(`---\n${stringify(secretObject(secret))}`);
      return 0;
    }
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment.variables;
    if (!host || !/^\d+$/.test(port)) throw notInPod();
    const folder = parsed.text('account') ?? accountFolder;
    const [token, namespace, authority] = ['token', 'namespace', 'ca.crt'].map((name) =>
      readText(join(folder, name), largest).trim(),
    ) as [string, string, string];
    const client = apiClient({
      userAgent: 'wirelab-class',
      to: { host, port: Number(port) },
      authorities: [authority],
      token,
      clock: systemClock,
    });
    const print = printTo(environment);
    const learner = namespace.startsWith(namespacePrefix)
      ? namespace.slice(namespacePrefix.length)
      : namespace;
    let code = 0;
    try {
      for (const secret of certificateSecrets(learner, namespace, systemClock)) {
        const { status, body } = await client.call(
          'POST',
          `/api/v1/namespaces/${namespace}/secrets`,
          AbortSignal.timeout(60_000),
          secretObject(secret),
        );
        const name = `secret ${namespace}/${secret.name}`;
        if (status === 201) print.mark('✓', { en: `${name}: created`, ko: `${name}: 만들었습니다` });
        else if (status === 409)
          print.mark('-', { en: `${name}: is there, and stays`, ko: `${name}: 이미 있어 그대로 둡니다` });
        else {
          code = 1;
          const message = textAt(body, 'message');
          print.mark('✗', {
            en: `${name}: ${status} from ${formatAddress({ host, port: Number(port) })}: ${message}`,
            ko: `${name}: ${formatAddress({ host, port: Number(port) })}의 응답 ${status}: ${message}`,
          });
        }
      }
    } finally {
      client.close();
    }
    return code;
  },
};

function notInPod(): UserError {
  return new UserError({
    what: { en: 'this command runs in a pod', ko: '파드 안에서 실행하는 명령입니다' },
    where: 'KUBERNETES_SERVICE_HOST',
    expected: { en: 'the API server’s address, as a pod has it', ko: '파드에 주어지는 API 서버 주소' },
    remedy: {
      en: 'A Job of deploy/base runs it. On a machine of your own: ./wirelab certs make.',
      ko: 'deploy/base의 Job이 실행합니다. 내 컴퓨터에서는 ./wirelab certs make를 쓰세요.',
    },
  });
}
