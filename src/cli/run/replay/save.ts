/**
 * The file of a bundle (`--save`): opened before anything runs, there as a whole or not at all. What was taken out of it is said
 * when it is written. `recorder.ts` keeps the run, `ui/bundle` makes the content.
 */
import type { Judge } from '../../../engine/verdict.ts';
import { inEach } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { World } from '../../../pki/keystore/world.ts';
import type { Environment, OptionTable, Parsed } from '../../command.ts';
import { warningLine } from '../../io/user-error-text.ts';
import { WholeFile } from '../../io/whole-file.ts';
import { readVersion } from '../../places.ts';
import type { Recorded, RunRecorder } from './recorder.ts';
import { redactionText } from './redaction.ts';

const flag = '--save';

export const saveOption: OptionTable = {
  save: {
    value: 'FILE.wirelab',
    help: {
      en: 'write everything as a bundle for ./wirelab replay. Secrets and keys are replaced and counted; with --with-secrets they stay (mode 0600)',
      ko: '전체를 ./wirelab replay로 다시 볼 수 있는 번들로 저장. 비밀 정보와 키는 가리고 개수를 알립니다. --with-secrets를 쓰면 그대로 들어갑니다(권한 0600)',
    },
  },
};

export class SaveFile extends WholeFile {
  readonly #recorded: Recorded;
  readonly #withSecrets: boolean;

  /** @throws UserError for a place where no file can be written. */
  constructor(path: string, recorded: Recorded, withSecrets: boolean) {
    super(path, flag, { en: 'the bundle was not written', ko: '번들을 저장하지 않았습니다' });
    this.#recorded = recorded;
    this.#withSecrets = withSecrets;
  }

  /** Begins to keep a run. */
  async record(judge: Judge, world: World | undefined): Promise<RunRecorder> {
    const [{ RunRecorder }, { loadReadings }, { bundleFile }] = await Promise.all([
      import('./recorder.ts'),
      import('../../../analysis/conversation/conversation.ts'),
      import('../../../ui/bundle/write.ts'),
    ]);
    await loadReadings();
    this.#bundleFile = bundleFile;
    return new RunRecorder(this.#recorded, judge, world);
  }

  #bundleFile: typeof import('../../../ui/bundle/write.ts').bundleFile | undefined;

  /** Puts the bundle of a run that has its verdict in place, and says what is in it. */
  put(recorder: RunRecorder, { places, language, stderr }: Environment): void {
    const withSecrets = this.#withSecrets;
    const bundle = recorder.bundle({ version: readVersion(places.root), made: new Date(), withSecrets });
    if (!bundle || !this.#bundleFile) return;
    this.write(this.#bundleFile(bundle));
    const { path } = this;
    const what: Localized = withSecrets
      ? {
          en: `${path} contains secrets and the keys that decrypt this run; only you can read the file`,
          ko: `${path} 파일에 비밀 정보와 복호화 키가 들어 있습니다. 본인만 읽을 수 있습니다`,
        }
      : inEach((one) => `${path}: ${redactionText(bundle.count)[one]}`);
    stderr.write(warningLine(what, language));
  }
}

/** The bundle that the command line asks for. */
export function openSave(parsed: Parsed, recorded: Recorded): SaveFile | undefined {
  const path = parsed.text('save');
  return path === undefined ? undefined : new SaveFile(path, recorded, parsed.flag('with-secrets'));
}

/** At the end of a run: a bundle that was not written is not kept, and that is said. */
export function closeSave(save: SaveFile | undefined, { language, stderr }: Environment): void {
  if (!save || save.isWritten) return;
  save.abandon();
  const { path } = save;
  stderr.write(
    warningLine(
      {
        en: `${path} was not written: the run did not come to its verdict, or is too large for a bundle`,
        ko: `판정이 나오기 전에 끝났거나 번들에 담기에 너무 커서 ${path} 파일을 저장하지 않았습니다`,
      },
      language,
    ),
  );
}
