/** Reads the file of --encryption-provider-config; `kube/encryption/configuration.ts` says what it may hold. */
import { randomBytes } from 'node:crypto';
import { readBytes } from '../../../i18n/read-file.ts';
import { UserError } from '../../../i18n/user-error.ts';
import { ConfigurationRefused, readEncryption } from '../../../kube/encryption/configuration.ts';
import type { Encryption } from '../../../kube/encryption/encryption.ts';
import { parseJson } from '../../../kube/objects/json.ts';
import { refuseEndless } from '../../../pki/endless-yaml.ts';

export const encryptionFlag = '--encryption-provider-config';

/** Bytes; a configuration with a hundred keys has fewer. */
const largest = 1024 * 1024;

/** @throws UserError for a file that cannot be read or that kube-apiserver would refuse. */
export async function readEncryptionFile(path: string): Promise<Encryption> {
  const text = Buffer.from(readBytes(path, largest)).toString();
  try {
    if (text.trim() === '')
      throw new ConfigurationRefused(
        `error while parsing file: encryption provider configuration file ${JSON.stringify(path)} is empty`,
      );
    return readEncryption(await document(text), randomBytes);
  } catch (error) {
    if (!(error instanceof ConfigurationRefused)) throw error;
    throw new UserError(
      {
        what: {
          en: 'kube-apiserver would not start with this encryption configuration',
          ko: '이 암호화 설정으로는 kube-apiserver가 시작되지 않습니다',
        },
        where: `${encryptionFlag} ${path}`,
        received: error.message,
        expected: {
          en: 'an EncryptionConfiguration of apiserver.config.k8s.io/v1: resources, each with names (secrets, *.apps, *.*) and providers (identity, aescbc, aesgcm, secretbox), whose keys have a name and a secret of 32 bytes in base64',
          ko: 'apiserver.config.k8s.io/v1의 EncryptionConfiguration. resources의 항목마다 이름(secrets, *.apps, *.*)과 providers(identity, aescbc, aesgcm, secretbox)가 있고, 키에는 name과 base64로 적은 32바이트 secret이 있어야 합니다',
        },
        remedy: {
          en: 'A new key: head -c 32 /dev/urandom | base64',
          ko: '새 키 만들기: head -c 32 /dev/urandom | base64',
        },
      },
      { cause: error },
    );
  }
}

/** As a value of JSON. @throws ConfigurationRefused, never with what stands in the file: keys do. */
async function document(text: string): Promise<ReturnType<typeof parseJson>> {
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  try {
    refuseEndless(text, yaml);
    const read = yaml.parseDocument(text, {
      lineCounter: lines,
      merge: false,
      prettyErrors: false,
      // A warning quotes the line.
      logLevel: 'silent',
    });
    const [fault] = [...read.errors, ...read.warnings];
    if (fault) throw fault;
    const value: unknown = read.toJS({ maxAliasCount: 0 });
    return parseJson(JSON.stringify(value ?? null));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const at = error instanceof yaml.YAMLError ? `line ${lines.linePos(error.pos[0]).line}: ` : '';
    // Behind a colon the parser quotes.
    const why = error.message.replace(/: .*$/s, '');
    throw new ConfigurationRefused(
      `error while parsing file: error converting YAML to JSON: yaml: ${at}${why}`,
    );
  }
}
