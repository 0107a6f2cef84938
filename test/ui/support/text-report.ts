/** A report as lines: its blocks, laid out as they come. */
import type { ReportOptions } from '../../../src/presentation/report/report-context.ts';
import { RunReport } from '../../../src/presentation/report/run-report.ts';
import { TextReport } from '../../../src/ui/text/text.ts';
import type { TextOptions } from '../../../src/ui/text/text.ts';

export function textReport({
  language,
  ascii,
  columns,
  write,
  ...sources
}: Omit<ReportOptions, 'onBlock'> & TextOptions): RunReport {
  return new RunReport({
    ...sources,
    onBlock: new TextReport({ language, ascii, columns, write }).set,
  });
}
