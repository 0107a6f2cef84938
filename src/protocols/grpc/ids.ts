/** Every field id that the reader of gRPC records: the words that explanations, filters and tests share. */
import type { ExplainedGrpcId } from './texts.ts';

/** Lengths of what has no field of its own around it. */
type LengthId = 'protobuf.field.length' | 'grpc.length';

/** The message that they complete is told by the frame that does so. */
export const namedGrpcBytes = ['grpc.part'] as const satisfies readonly ExplainedGrpcId[];

export const opaqueGrpcBytes = [
  'grpc.compressed_data',
  'protobuf.bytes',
] as const satisfies readonly ExplainedGrpcId[];

export type GrpcFieldId = ExplainedGrpcId | LengthId;

declare module '../../core/field.ts' {
  interface FieldIds {
    readonly grpc: GrpcFieldId;
  }
}
