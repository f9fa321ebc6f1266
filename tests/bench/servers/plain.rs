//! The least that a gRPC server can be: it answers what it was given at its start, to anybody, and keeps nothing; or keeps
//! whatever it is sent ([`keep`]).
//!
//! It is what a read call is measured against, and, with a database to open first, what a start is measured against. It
//! speaks the contract itself, so that both sides of the comparison carry the same messages.

mod keep;

use std::{error::Error, net::SocketAddr, path::PathBuf};

use clap::Parser;
use csp_proto::v1::{
    self,
    identity_service_server::{IdentityService, IdentityServiceServer},
    return_service_server::{ReturnService, ReturnServiceServer},
};
use prost::Message as _;
use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

#[derive(Debug, Parser)]
struct Options {
    /// Where to listen
    #[arg(long)]
    listen: SocketAddr,
    /// A `Return`, encoded: the answer to `GetReturn`
    #[arg(long)]
    answer: Option<PathBuf>,
    /// A `WhoAmIResponse`, encoded: the answer to `WhoAmI`
    #[arg(long)]
    identity: Option<PathBuf>,
    /// An SQLite file to open before listening
    #[arg(long)]
    database: Option<PathBuf>,
    /// Where to keep what is sent in, and what to ask before a return is answered: sqlite:FILE or postgres://…
    #[arg(long)]
    keep: Option<String>,
}

#[derive(Debug, Clone, Default)]
struct Plain {
    answer: v1::Return,
    identity: v1::WhoAmIResponse,
    keep: Option<keep::Keep>,
}

#[tonic::async_trait]
impl ReturnService for Plain {
    async fn get_return(&self, _: Request<v1::GetReturnRequest>) -> Result<Response<v1::Return>, Status> {
        if let Some(keep) = &self.keep {
            keep.ask().await.map_err(|error| Status::unavailable(error.to_string()))?;
        }
        Ok(Response::new(self.answer.clone()))
    }

    async fn create_return(&self, request: Request<v1::CreateReturnRequest>) -> Result<Response<v1::Return>, Status> {
        let Some(keep) = &self.keep else { return Err(Status::unimplemented("nothing is kept here")) };
        let answer = request.into_inner().answer.ok_or_else(|| Status::invalid_argument("there is no return"))?;
        keep.keep().await.map_err(|error| Status::unavailable(error.to_string()))?;
        Ok(Response::new(v1::Return { revision: 1, ..answer }))
    }

    async fn list_returns(&self, _: Request<v1::ListReturnsRequest>) -> Result<Response<v1::ListReturnsResponse>, Status> {
        Err(Status::unimplemented("nothing is kept here"))
    }

    async fn update_return(&self, _: Request<v1::UpdateReturnRequest>) -> Result<Response<v1::Return>, Status> {
        Err(Status::unimplemented("nothing is kept here"))
    }

    async fn withdraw_return(&self, _: Request<v1::WithdrawReturnRequest>) -> Result<Response<v1::Return>, Status> {
        Err(Status::unimplemented("nothing is kept here"))
    }

    async fn sign_return(&self, _: Request<v1::SignReturnRequest>) -> Result<Response<v1::Return>, Status> {
        Err(Status::unimplemented("nothing is kept here"))
    }

    async fn send_back_return(&self, _: Request<v1::SendBackReturnRequest>) -> Result<Response<v1::Return>, Status> {
        Err(Status::unimplemented("nothing is kept here"))
    }

    async fn accept_return(&self, _: Request<v1::AcceptReturnRequest>) -> Result<Response<v1::Return>, Status> {
        Err(Status::unimplemented("nothing is kept here"))
    }

    async fn recall_return(&self, _: Request<v1::RecallReturnRequest>) -> Result<Response<v1::Return>, Status> {
        Err(Status::unimplemented("nothing is kept here"))
    }

    async fn get_receipt(&self, _: Request<v1::GetReceiptRequest>) -> Result<Response<v1::Receipt>, Status> {
        Err(Status::unimplemented("nothing is kept here"))
    }

    async fn get_cycle_status(&self, _: Request<v1::GetCycleStatusRequest>) -> Result<Response<v1::CycleStatus>, Status> {
        Err(Status::unimplemented("nothing is kept here"))
    }
}

#[tonic::async_trait]
impl IdentityService for Plain {
    async fn who_am_i(&self, _: Request<v1::WhoAmIRequest>) -> Result<Response<v1::WhoAmIResponse>, Status> {
        Ok(Response::new(self.identity.clone()))
    }

    async fn list_duties(&self, _: Request<v1::ListDutiesRequest>) -> Result<Response<v1::ListDutiesResponse>, Status> {
        Err(Status::unimplemented("nothing is due here"))
    }

    async fn list_permissions(&self, _: Request<v1::ListPermissionsRequest>) -> Result<Response<v1::ListPermissionsResponse>, Status> {
        Err(Status::unimplemented("everybody may everything here"))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let mut plain = Plain::default();
    if let Some(file) = &options.answer {
        plain.answer = v1::Return::decode(std::fs::read(file)?.as_slice())?;
    }
    if let Some(file) = &options.identity {
        plain.identity = v1::WhoAmIResponse::decode(std::fs::read(file)?.as_slice())?;
    }
    if let Some(file) = &options.database {
        let mut conn = SqliteConnectOptions::new().filename(file).connect().await?;
        sqlx::query("SELECT COUNT(*) FROM sqlite_schema").execute(&mut conn).await?;
    }
    if let Some(url) = &options.keep {
        plain.keep = Some(keep::Keep::open(url).await.map_err(|error| error.to_string())?);
    }
    // Without this, each answer on a quiet connection waits 40 ms for an acknowledgement, and everything looks fast beside it.
    let incoming = TcpIncoming::bind(options.listen)?.with_nodelay(Some(true));
    println!("listening on {}", options.listen);
    Server::builder()
        .add_service(ReturnServiceServer::new(plain.clone()))
        .add_service(IdentityServiceServer::new(plain))
        .serve_with_incoming(incoming)
        .await?;
    Ok(())
}
