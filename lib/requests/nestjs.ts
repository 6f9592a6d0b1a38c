/** NestJS: each request runs in its own context, from the interceptors on, when guards have found out who makes it. */
import {
  type CallHandler,
  type DynamicModule,
  type ExecutionContext,
  type InjectionToken,
  Module,
  type ModuleMetadata,
  type NestInterceptor,
  type OptionalFactoryDependency,
  type Provider,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { Observable } from 'rxjs';
import { Audit, type AuditContext } from '../index.js';
import { type Emitter, holdContext } from './held-context.js';
import { checkParts, type KnownRequest, type Resolve, resolvedContext, runWith } from './resolved-context.js';

export type { KnownRequest, Resolve, ResolvedContext } from './resolved-context.js';

export interface AuditRequestsOptions<Request = KnownRequest> {
  readonly audit: Audit;
  /** Asked once for each call of a handler; what it throws is answered by the exception filters, and no handler runs. */
  readonly resolve: Resolve<[request: Request, execution: ExecutionContext]>;
}

export interface AuditRequestsAsyncOptions<Request = KnownRequest> extends Pick<ModuleMetadata, 'imports'> {
  /** What `useFactory` is given, such as the Sequelize instance of `@nestjs/sequelize`. */
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[];
  readonly useFactory: (...injected: never[]) => AuditRequestsOptions<Request> | Promise<AuditRequestsOptions<Request>>;
}

const options = Symbol.for('sequelize-audit.options');

/**
 * An interceptor, as for `app.useGlobalInterceptors`, in which handlers, pipes, later interceptors and what they await
 * write with the context that `resolve` gives.
 *
 * @param resolve asked after the guards, with the request (the first argument of the handler) and Nest's own context
 * @throws AuditError ERR_AUDIT_OPTION_INVALID
 */
export function auditRequests<Request = KnownRequest>(
  audit: Audit,
  resolve: AuditRequestsOptions<Request>['resolve'],
): NestInterceptor {
  checkParts(audit, resolve);
  const enter = (context: AuditContext, execution: ExecutionContext, next: CallHandler) => {
    if (execution.getType() === 'http') holdContext(audit, context, execution.getArgs().slice(0, 2).map(streamOf));
    // Handlers run when somebody subscribes, which is later and elsewhere.
    return new Observable((subscriber) => runWith(audit, context, () => next.handle().subscribe(subscriber)));
  };
  return {
    intercept(execution, next) {
      const context = resolvedContext(audit, resolve, execution.getArgByIndex<Request>(0), execution);
      if (context instanceof Promise) return context.then((found) => enter(found, execution, next));
      return enter(context, execution, next);
    },
  };
}

/** Has every handler of the application write in a context, and gives the `Audit` to whoever injects it. */
// biome-ignore lint/complexity/noStaticOnlyClass: to Nest a module is a class.
export class AuditRequestsModule {
  static forRoot<Request = KnownRequest>(given: AuditRequestsOptions<Request>): DynamicModule {
    return moduleOf({ provide: options, useValue: given });
  }

  /** The same where the audit, or who makes a request, needs other providers. */
  static forRootAsync<Request = KnownRequest>(given: AuditRequestsAsyncOptions<Request>): DynamicModule {
    const { imports = [], inject = [], useFactory } = given;
    return { ...moduleOf({ provide: options, useFactory, inject }), imports };
  }
}

Module({})(AuditRequestsModule);

function moduleOf(provider: Provider): DynamicModule {
  const inject = [options];
  return {
    module: AuditRequestsModule,
    global: true,
    providers: [
      provider,
      { provide: Audit, useFactory: ({ audit }: AuditRequestsOptions) => audit, inject },
      {
        provide: APP_INTERCEPTOR,
        useFactory: ({ audit, resolve }: AuditRequestsOptions) => auditRequests(audit, resolve),
        inject,
      },
    ],
    exports: [Audit],
  };
}

/** Node's own behind that of Fastify. */
function streamOf(given: Emitter & { readonly raw?: Emitter }): Emitter {
  return given.raw ?? given;
}
