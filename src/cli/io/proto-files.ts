/**
 * Reads the files of `--proto`, and those that they import where they are found: beside the importing file, beside the given
 * ones, or in the current folder. They hold for the whole process.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readBytes } from '../../i18n/read-file.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { ProtoFile } from '../../protocols/grpc/proto-file.ts';
import type { OptionTable, Parsed } from '../command.ts';

export const protoOption: OptionTable = {
  proto: {
    value: 'FILE',
    many: true,
    help: {
      en: 'a .proto file: gRPC messages get the names of their fields',
      ko: '.proto 파일. gRPC 메시지의 필드를 이름으로 보여 줍니다',
    },
  },
};

/** In bytes. Definitions are written by people. */
const largestFile = 16 * 1024 * 1024;
const mostFiles = 1000;

/** @throws UserError for a file that cannot be read */
export async function useProtoFiles(parsed: Parsed): Promise<void> {
  const named = parsed.all('proto');
  if (named.length === 0) return;
  const [{ definitionsOf, parseProto }, { useDefinitions }] = await Promise.all([
    import('../../protocols/grpc/proto-file.ts'),
    import('../../protocols/grpc/definitions.ts'),
  ]);
  const folders = [...named.map((path) => dirname(path)), '.'];
  const files: ProtoFile[] = [];
  const seen = new Set<string>();
  const waiting = [...named];
  for (let path = waiting.shift(); path !== undefined && files.length < mostFiles; path = waiting.shift()) {
    const place = resolve(path);
    if (seen.has(place)) continue;
    seen.add(place);
    const file = parseProto(Buffer.from(readBytes(path, largestFile)).toString('utf8'));
    if ('fault' in file) {
      const { line, expected, found } = file.fault;
      throw new UserError({
        what: { en: 'the .proto file cannot be read', ko: '.proto 파일을 해석할 수 없습니다' },
        where: `${path}:${line}`,
        expected,
        ...(found === '' ? {} : { received: found }),
      });
    }
    files.push(file);
    const here = dirname(path);
    for (const imported of file.imports) {
      const found = [here, ...folders].map((folder) => join(folder, imported)).find((one) => existsSync(one));
      if (found !== undefined) waiting.push(found);
    }
  }
  // The files that were named come last: of two definitions of a name theirs counts.
  useDefinitions(definitionsOf(files.toReversed()));
}
