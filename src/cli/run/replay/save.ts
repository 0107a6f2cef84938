/**
 * The file of a bundle (`--save`): opened before anything runs, there as a whole or not at all. What was taken out of it is said
 * when it is written. `recorder.ts` keeps a run, `recording.ts` what was read or recorded, `ui/bundle` makes the content.
 */
import type { Judge } from '../../../engine/verdict.ts';
import { inEach } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { grouped } from '../../../i18n/number.ts';
import { UserError } from '../../../i18n/user-error.ts';
import type { World } from '../../../pki/keystore/world.ts';
import { mostLines, mostOpened, mostPayloadBytes } from '../../../ui/bundle/limits.ts';
import type { Bundle } from '../../../ui/bundle/limits.ts';
import type { Environment, OptionTable, Parsed } from '../../command.ts';
import { whileWorking } from '../../io/progress.ts';
import { warningLine } from '../../io/user-error-text.ts';
import { WholeFile } from '../../io/whole-file.ts';
import { readVersion } from '../../places.ts';
import type { Recorded, RunRecorder } from './recorder.ts';
import { redactionText } from './redaction.ts';
import type { MadeOptions, Recording } from './recording.ts';

type Writing = typeof import('../../../ui/bundle/write.ts');

const flag = '--save';

/** Of captured data, in MiB. */
export const mostSaved = mostPayloadBytes / 1024 / 1024;

export const saveOption: OptionTable = {
  save: {
    value: 'FILE.wirelab',
    help: {
      en: `write everything, up to ${mostSaved} MiB of data, as a bundle for ./wirelab replay. Secrets and keys are replaced and counted; with --with-secrets they stay (mode 0600)`,
      ko: `전체를 ./wirelab replay로 다시 볼 수 있는 번들로 저장(데이터 ${mostSaved}MiB까지). 비밀 정보와 키는 가리고 개수를 알림. --with-secrets를 쓰면 그대로 들어감(권한 0600)`,
    },
  },
};

export class BundleFile extends WholeFile {
  readonly #withSecrets: boolean;

  /** @throws UserError for a place where no file can be written. */
  constructor(path: string, withSecrets: boolean) {
    super(path, flag, { en: 'the bundle was not written', ko: '번들을 저장하지 않았습니다' });
    this.#withSecrets = withSecrets;
  }

  /** Puts what was read or recorded in place. @throws UserError where it is more than a bundle may hold; an earlier file stays then. */
  async putRecording(recording: Recording, environment: Environment): Promise<void> {
    const [{ recordingBundle }, writing] = await Promise.all([
      import('./recording.ts'),
      import('../../../ui/bundle/write.ts'),
    ]);
    const bundle = await whileWorking(
      environment,
      { en: 'making the bundle', ko: '번들을 만드는 중' },
      async () => recordingBundle(recording, this.made(environment)),
    );
    this.putFile(bundle, writing, environment);
  }

  protected made({ places }: Environment): MadeOptions {
    return { version: readVersion(places.root), made: new Date(), withSecrets: this.#withSecrets };
  }

  /** Puts it in place, and says what is in it. @throws UserError likewise */
  protected putFile(
    bundle: Bundle,
    { bundleFile, BundleTooLarge }: Writing,
    { language, stderr }: Environment,
  ): void {
    const { path } = this;
    try {
      this.write(bundleFile(bundle));
    } catch (error) {
      throw error instanceof BundleTooLarge ? tooLarge(path) : error;
    }
    const what: Localized = bundle.hasSecrets
      ? {
          en: `${path} contains secrets and the keys that decrypt ${bundle.of === 'run' ? 'this run' : 'these connections'}; only you can read the file`,
          ko: `${path} 파일에 비밀 정보와 복호화 키가 들어 있습니다. 본인만 읽을 수 있습니다`,
        }
      : inEach((one) => `${path}: ${redactionText(bundle.count)[one]}`);
    stderr.write(warningLine(what, language));
  }
}

/** @param remedy how to save less */
export const tooLarge = (path: string, remedy?: Localized): UserError =>
  new UserError({
    what: {
      en: `this is more than a bundle may hold: ${mostSaved} MiB of data, ${grouped(mostOpened)} connections, ${grouped(mostLines.event)} pieces`,
      ko: `번들에 담기에 너무 큽니다(데이터 ${mostSaved}MiB, 연결 ${grouped(mostOpened)}개, 조각 ${grouped(mostLines.event)}개까지)`,
    },
    where: `${flag} ${path}`,
    ...(remedy ? { remedy } : {}),
  });

/** The bundle of a run. */
export class SaveFile extends BundleFile {
  readonly #recorded: Recorded;

  /** @throws UserError for a place where no file can be written. */
  constructor(path: string, recorded: Recorded, withSecrets: boolean) {
    super(path, withSecrets);
    this.#recorded = recorded;
  }

  /** Begins to keep a run. */
  async record(judge: Judge, world: World | undefined): Promise<RunRecorder> {
    const [{ RunRecorder }, { loadReadings }, writing] = await Promise.all([
      import('./recorder.ts'),
      import('../../../analysis/conversation/conversation.ts'),
      import('../../../ui/bundle/write.ts'),
    ]);
    await loadReadings();
    this.#writing = writing;
    return new RunRecorder(this.#recorded, judge, world);
  }

  #writing: Writing | undefined;

  /** Puts the bundle of a run that has its verdict in place, and says what is in it. */
  put(recorder: RunRecorder, environment: Environment): void {
    const bundle = recorder.bundle(this.made(environment));
    if (bundle && this.#writing) this.putFile(bundle, this.#writing, environment);
  }
}

/** The bundle that the command line asks for. */
export function openSave(parsed: Parsed, recorded: Recorded): SaveFile | undefined {
  const path = parsed.text('save');
  return path === undefined ? undefined : new SaveFile(path, recorded, parsed.flag('with-secrets'));
}

/** The same of what is read or recorded. */
export function openBundleFile(parsed: Parsed): BundleFile | undefined {
  const path = parsed.text('save');
  return path === undefined ? undefined : new BundleFile(path, parsed.flag('with-secrets'));
}

/** At the end: a bundle that was not written is not kept, and that is said. */
export function closeSave(
  save: BundleFile | undefined,
  { language, stderr }: Pick<Environment, 'language' | 'stderr'>,
  cause: keyof typeof notWritten = 'run',
): void {
  if (!save || save.isWritten) return;
  save.abandon();
  stderr.write(warningLine(notWritten[cause](save.path), language));
}

const notWritten = {
  run: (path: string) => ({
    en: `${path} was not written: the run did not come to its verdict, or is too large for a bundle`,
    ko: `판정이 나오기 전에 끝났거나 번들에 담기에 너무 커서 ${path} 파일을 저장하지 않았습니다`,
  }),
  proxy: (path: string) => ({
    en: `${path} was not written: no proxy ran`,
    ko: `프록시가 실행되지 않아 ${path} 파일을 저장하지 않았습니다`,
  }),
} as const;
