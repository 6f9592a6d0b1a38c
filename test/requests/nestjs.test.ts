import 'reflect-metadata';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ArgumentsHost,
  Body,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpCode,
  type INestApplication,
  Inject,
  Injectable,
  Module,
  Post,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getConnectionToken, SequelizeModule } from '@nestjs/sequelize';
import { expect } from 'chai';
import { defer, lastValueFrom } from 'rxjs';
import type { Sequelize as Plain } from 'sequelize';
import { Column, DataType, Model, type Sequelize, Table } from 'sequelize-typescript';
import { Audit, attachAudit } from '../../lib/index.js';
import { AuditRequestsModule, auditRequests } from '../../lib/requests/nestjs.js';
import { sqliteMemory } from '../setup/databases.js';
import { readLog } from '../setup/oracle.js';
import { connect } from '../setup/suite.js';
import { defineNote, send } from './flood.js';
import { type Parts, refused, type Start } from './frameworks.js';
import { requestLaws } from './laws.js';

type Incoming = IncomingMessage & { user?: { id?: string }; body?: { text: string } };
type Target = new (...args: never[]) => object;

/** Decorators as functions, as the tests are compiled without them. */
function decorate(
  target: Target,
  decorators: readonly ClassDecorator[],
  parameters: readonly ParameterDecorator[] = [],
) {
  for (const [index, inject] of parameters.entries()) inject(target, undefined, index);
  for (const decorator of decorators) decorator(target);
}

function decorateMethod(
  target: Target,
  name: string,
  decorators: readonly MethodDecorator[],
  parameters: readonly ParameterDecorator[] = [],
) {
  const { prototype } = target as { prototype: object };
  for (const [index, inject] of parameters.entries()) inject(prototype, name, index);
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
  for (const decorator of decorators) decorator(prototype, name, descriptor);
}

/** The application of the laws: a guard finds out who it is, and parts are given. */
function applicationOf({ authenticate, handle }: Omit<Parts, 'audit' | 'resolve'>) {
  class UserGuard implements CanActivate {
    async canActivate(execution: ExecutionContext): Promise<boolean> {
      const request = execution.switchToHttp().getRequest<Incoming>();
      const id = await authenticate(request.headers['x-user'] as string | undefined);
      if (id) request.user = { id };
      return true;
    }
  }
  decorate(UserGuard, [Injectable()]);

  class NotesController {
    async create(request: Incoming, response: ServerResponse, body: { text: string }): Promise<string> {
      const isJson = request.headers['content-type'] === 'application/json';
      await handle(String(request.user?.id), request, response, isJson ? body : undefined);
      return 'done';
    }
  }
  decorate(NotesController, [Controller('notes'), UseGuards(UserGuard)]);
  decorateMethod(
    NotesController,
    'create',
    [Post(), HttpCode(200)],
    [Req(), Res({ passthrough: true }) as ParameterDecorator, Body()],
  );
  return NotesController;
}

class TellingFilter implements ExceptionFilter {
  catch(error: Error & { code?: string }, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<ServerResponse>();
    response.writeHead(refused).end(`${error.code ?? ''} ${error.message}`);
  }
}
decorate(TellingFilter, [Catch()]);

async function listen(app: INestApplication) {
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { port, close: () => app.close() };
}

async function start(parts: Parts, isModule: boolean) {
  const { audit, resolve } = parts;
  const resolveUser = (request: Incoming) => resolve(request.user?.id);
  class Application {}
  decorate(Application, [
    Module({
      imports: isModule ? [AuditRequestsModule.forRoot({ audit, resolve: resolveUser })] : [],
      controllers: [applicationOf(parts)],
    }),
  ]);
  const app = await NestFactory.create(Application, { logger: false });
  app.setGlobalPrefix('api');
  // Nest has the body parsed after this, and before the guards.
  app.use((_request: unknown, _response: unknown, next: () => void) => {
    Promise.resolve(parts.arrive?.()).then(() => next());
  });
  app.useGlobalFilters(new TellingFilter());
  if (!isModule) app.useGlobalInterceptors(auditRequests(audit, resolveUser));
  return listen(app);
}

const asModule: Start = (parts) => start(parts, true);
const asInterceptor: Start = (parts) => start(parts, false);

requestLaws('NestJS, by its module,', asModule);
requestLaws('NestJS, by an interceptor,', asInterceptor, []);

describe('auditRequests in NestJS with @nestjs/sequelize', () => {
  class Person extends Model {
    declare id: number;
    declare name: string;
  }
  Column(DataType.STRING)(Person.prototype, 'name');
  Table({ timestamps: false })(Person);

  class PeopleService {
    readonly audit: Audit;

    constructor(audit: Audit) {
      this.audit = audit;
    }

    async rename(from: string, to: string) {
      const [person] = await Person.findOrCreate({ where: { name: from } });
      return this.audit.run({ reason: 'marriage' }, () => person.update({ name: to }));
    }
  }
  decorate(PeopleService, [Injectable()], [Inject(Audit)]);

  class PeopleController {
    readonly people: PeopleService;

    constructor(people: PeopleService) {
      this.people = people;
    }

    async rename(): Promise<string> {
      await this.people.rename('Ada Byron', 'Ada Lovelace');
      return 'done';
    }
  }
  decorate(PeopleController, [Controller('people')], [Inject(PeopleService)]);
  decorateMethod(PeopleController, 'rename', [Get()]);

  class Users {
    async nameOf(header: unknown): Promise<string> {
      return `user:${String(header)}`;
    }
  }
  decorate(Users, [Injectable()]);

  class UsersModule {}
  decorate(UsersModule, [Module({ providers: [Users], exports: [Users] })]);

  it('attaches in a factory of the module, resolves by other providers, and gives the Audit to be injected', async () => {
    class Application {}
    decorate(Application, [
      Module({
        imports: [
          SequelizeModule.forRoot({ dialect: 'sqlite', storage: ':memory:', logging: false, models: [Person] }),
          AuditRequestsModule.forRootAsync({
            imports: [UsersModule],
            inject: [getConnectionToken(), Users],
            useFactory: async (sequelize: Sequelize, users: Users) => {
              const audit = attachAudit(sequelize, { requireActor: true });
              await sequelize.sync();
              return {
                audit,
                resolve: async (request: IncomingMessage, execution) => ({
                  actor: await users.nameOf(request.headers['x-user']),
                  meta: { handler: execution.getHandler().name },
                }),
              };
            },
          }),
        ],
        controllers: [PeopleController],
        providers: [PeopleService],
      }),
    ]);
    const app = await NestFactory.create(Application, { logger: false });
    app.setGlobalPrefix('v1');
    const { port, close } = await listen(app);

    const response = await fetch(`http://127.0.0.1:${port}/v1/people`, { headers: { 'x-user': 'ada' } });
    const log = await readLog(app.get<Plain>(getConnectionToken() as never));
    await close();

    expect(await response.text()).to.equal('done');
    const rest = { actor: 'user:ada', meta: { handler: 'rename' } };
    expect(log.map(({ action, actor, reason, meta }) => ({ action, actor, reason, meta }))).to.deep.equal([
      { action: 'create', reason: null, ...rest },
      { action: 'update', reason: 'marriage', ...rest },
    ]);
  });

  it('is refused when the application starts without an audit', async () => {
    class Application {}
    const given = { audit: undefined, resolve: () => null } as never;
    decorate(Application, [Module({ imports: [AuditRequestsModule.forRoot(given)] })]);

    const error = await NestFactory.create(Application, { logger: false, abortOnError: false }).catch(
      (caught: unknown) => caught,
    );

    expect(error).to.include({ code: 'ERR_AUDIT_OPTION_INVALID' });
  });
});

describe('auditRequests in NestJS', () => {
  it('runs what is handled in the context whenever somebody subscribes to it', async () => {
    const sequelize = await connect(sqliteMemory);
    const audit = attachAudit(sequelize);
    const Note = defineNote(sequelize);
    await sequelize.sync();
    const execution = { getType: () => 'rpc', getArgByIndex: () => ({ by: 'ada' }) } as unknown as ExecutionContext;
    const interceptor = auditRequests<{ by: string }>(audit, ({ by }) => ({ actor: by }));

    const result = await interceptor.intercept(execution, { handle: () => defer(() => Note.create({})) });
    expect(await readLog(sequelize)).to.deep.equal([]);
    await lastValueFrom(result);

    expect((await readLog(sequelize)).map(({ actor }) => actor)).to.deep.equal(['ada']);
  });

  it('asks resolve after the guards, once for each handler', async () => {
    const sequelize = await connect(sqliteMemory);
    const audit = attachAudit(sequelize);
    const Note = defineNote(sequelize);
    await sequelize.sync();
    const events: string[] = [];
    const { port, close } = await asModule({
      audit,
      resolve: (actor) => {
        events.push(`resolve ${actor}`);
        return { actor };
      },
      authenticate: async (header) => {
        events.push('guard');
        return header;
      },
      handle: async (title) => {
        events.push('handle');
        await Note.create({ title });
      },
    });

    await send({ port, user: 'ada', isParsed: true });
    await close();

    expect(events).to.deep.equal(['guard', 'resolve ada', 'handle']);
  });
});
